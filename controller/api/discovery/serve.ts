import { createHash } from 'node:crypto';
import { type OpenApiDocument, type OpenApiDocuments, openApiDocuments } from '../openapi/index.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { jsonReply, type Reply } from '../server/context.ts';
import {
  aggregatedDiscovery,
  coreVersions,
  groupDocument,
  groupList,
  resourceList,
} from './documents.ts';

/** The version of Kubernetes whose API this is; kubectl warns beyond one minor version apart. */
const kubernetesMinor = '33';

/** `GET /version`. */
const version = {
  major: '1',
  minor: kubernetesMinor,
  gitVersion: `v1.${kubernetesMinor}.0+portolan`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** What clients ask before they ask for objects: versions, discovery, OpenAPI. */
export class Discovery {
  readonly #registry: ResourceRegistry;
  #openApi: { readonly revision: number; readonly documents: OpenApiDocuments } | undefined;

  constructor(registry: ResourceRegistry) {
    this.#registry = registry;
  }

  /** Undefined: nothing is there. `etag`: what the client has (If-None-Match). */
  serve(path: string, accept: string, etag: string | undefined): Reply | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    switch (parts[0]) {
      case 'version':
        return jsonReply(version);
      case 'openapi':
        return this.#serveOpenApi(parts.slice(1), accept, etag);
      case 'api':
      case 'apis':
        return this.#serveGroups(parts, accept, etag);
      case undefined:
        return jsonReply({
          paths: [
            '/api',
            '/apis',
            '/healthz',
            '/livez',
            '/openapi/v2',
            '/openapi/v3',
            '/readyz',
            '/version',
          ],
        });
      default:
        return undefined;
    }
  }

  #serveGroups(
    parts: readonly string[],
    accept: string,
    etag: string | undefined,
  ): Reply | undefined {
    const registry = this.#registry;
    const [root, first, second] = parts;
    if (first === undefined) {
      const aggregated = aggregatedVersion(accept);
      if (aggregated) return this.#aggregated(root === 'api' ? '/api' : '/apis', aggregated, etag);
      return jsonReply(root === 'api' ? coreVersions() : groupList(registry));
    }
    const group = root === 'api' ? '' : first;
    const wanted = root === 'api' ? first : second;
    if (wanted === undefined) {
      const found = registry.groups().find(({ name }) => name === group);
      return found && jsonReply(groupDocument(found));
    }
    if (!registry.hasGroupVersion(group, wanted)) return undefined;
    return jsonReply(resourceList(registry, group, wanted));
  }

  #aggregated(at: '/api' | '/apis', form: 'v2' | 'v2beta1', etag: string | undefined): Reply {
    const body = `${JSON.stringify(aggregatedDiscovery(this.#registry, at, form))}\n`;
    const own = `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`;
    return withEtag(
      {
        status: 200,
        contentType: `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`,
        body,
      },
      own,
      etag,
    );
  }

  #serveOpenApi(
    parts: readonly string[],
    accept: string,
    etag: string | undefined,
  ): Reply | undefined {
    const documents = this.#documents();
    if (parts[0] === 'v2') {
      if (accept.includes('protobuf')) {
        const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
        return documentReply(documents.v2Protobuf(), type, etag);
      }
      return documentReply(documents.v2(), 'application/json', etag);
    }
    if (parts[0] !== 'v3') return undefined;
    const path = parts.slice(1).join('/');
    const document = path === '' ? documents.v3Index() : documents.v3(path);
    return document && documentReply(document, 'application/json', etag);
  }

  #documents(): OpenApiDocuments {
    const { revision, resources } = this.#registry;
    if (this.#openApi?.revision !== revision) {
      const described = resources
        .filter(({ review }) => review === undefined)
        .map((one) => ({
          apiVersion: apiVersionOf(one),
          kind: one.kind,
          plural: one.plural,
          namespaced: one.namespaced,
          subresources: one.subresources.filter((sub) => sub !== 'proxy'),
          ...(one.custom?.schema && { schema: one.custom.schema }),
        }));
      this.#openApi = { revision, documents: openApiDocuments(described) };
    }
    return this.#openApi.documents;
  }
}

/** The form of aggregated discovery that an Accept header asks for first. */
function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  const found = /g=apidiscovery\.k8s\.io;v=(v2beta1|v2);as=APIGroupDiscoveryList/.exec(
    accept.replaceAll(' ', ''),
  );
  if (found?.[1] === 'v2') return 'v2';
  return found ? 'v2beta1' : undefined;
}

function documentReply(
  { body, etag: own }: OpenApiDocument | OpenApiDocument<Buffer>,
  contentType: string,
  etag: string | undefined,
): Reply {
  return withEtag({ status: 200, contentType, body }, own, etag);
}

function withEtag(reply: Reply, own: string, known: string | undefined): Reply {
  const headers = { etag: own, vary: 'Accept' };
  return known === own ? { ...reply, status: 304, body: '', headers } : { ...reply, headers };
}
