import type { FilteredRequest } from './filtered.ts';
import type { FilterDefinition } from './filter.ts';
import { compileTemplate } from './template.ts';

type NameAndText = readonly [name: string, text: string];

/** Fields whose values hold variables of the request. Each replaces what there is. */
export interface HeaderTemplateSettings {
  readonly request: readonly NameAndText[];
  readonly response: readonly NameAndText[];
}

/** Sets fields to what each request says. */
export const headerTemplates: FilterDefinition<'header-templates'> = {
  isAccessControl: false,
  create({ request, response }) {
    const onRequest = filled(request);
    const onResponse = filled(response);
    return {
      request(one) {
        for (const [name, value] of onRequest(one)) one.edits.set(name, value);
        return undefined;
      },
      response({ edits }, one) {
        for (const [name, value] of onResponse(one)) edits.set(name, value);
        return undefined;
      },
    };
  },
};

function filled(
  pairs: readonly NameAndText[],
): (request: FilteredRequest) => readonly (readonly [string, string])[] {
  const compiled = pairs.map(([name, text]) => [name, compileTemplate(text)] as const);
  return (request) => compiled.map(([name, template]) => [name, template(request)] as const);
}
