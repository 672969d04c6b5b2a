import { type Command, formatProblem } from '../config/index.ts';
import { classesOf, type IngressReview, reviewIngresses } from '../migrate/ingress-nginx/review.ts';
import type { CheckTools } from './check.ts';
import { type Printer, safeText } from './printer.ts';

type Migrate = Extract<Command, { kind: 'migrate' }>;

const headings: Readonly<Record<IngressReview['verdict'], string>> = {
  'as-is': 'works as is',
  differs: 'works, with a difference',
  unsupported: 'not supported as it is',
};

/**
 * `portolan migrate ingress-nginx`: says of each Ingress whether it works as it is. Exit status 1
 * when one does not.
 */
export async function runMigrateIngressNginx(
  { paths }: Migrate,
  tools: CheckTools,
  printer: Printer,
): Promise<number> {
  const { objects, problems } = await tools.read(paths);
  const unread = problems.filter(({ severity }) => severity === 'error');
  for (const one of unread) printer.error(`${safeText(formatProblem(one))}\n`);
  const compiled = await tools.compile(objects, {
    ingressClasses: classesOf(objects),
    ingressWithoutClass: 'on',
  });
  const reviews = reviewIngresses(objects, compiled);
  for (const { namespace, name, verdict, notes } of reviews) {
    printer.out(safeText(`${namespace}/${name}: ${headings[verdict]}\n`));
    for (const note of notes) printer.out(safeText(`  ${note}\n`));
  }
  const count = (verdict: IngressReview['verdict']): number =>
    reviews.filter((one) => one.verdict === verdict).length;
  const [asIs, differs, unsupported] = [count('as-is'), count('differs'), count('unsupported')];
  printer.out(
    `${reviews.length} Ingresses: ${asIs} work as they are, ${differs} with a difference, ${unsupported} not supported\n`,
  );
  return unsupported > 0 || unread.length > 0 ? 1 : 0;
}
