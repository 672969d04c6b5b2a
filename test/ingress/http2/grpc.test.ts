import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  type ClientReadableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { createWireEngine, type PoolEndpoint } from '../../../ingress/index.ts';
import { type Rig, rigWith, startRig } from '../engines/compat/rig.ts';
import { host, pool, route, table, toPool } from '../engines/compat/table.ts';

rigWith(createWireEngine);

const asText = {
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
} as const;

const method = (name: string, requestStream: boolean, responseStream: boolean) =>
  ({ path: `/test.Echo/${name}`, requestStream, responseStream, ...asText }) as const;

const definition = {
  Unary: method('Unary', false, false),
  Down: method('Down', false, true),
  Up: method('Up', true, false),
  Both: method('Both', true, true),
  Fail: method('Fail', false, false),
  Never: method('Never', false, false),
} satisfies ServiceDefinition;

const unary: handleUnaryCall<string, string> = (call, answer) => {
  const trailer = new Metadata();
  trailer.set('x-trailer', 'at the end');
  call.sendMetadata(call.metadata);
  answer(null, `you said ${call.request}`, trailer);
};
const down: handleServerStreamingCall<string, string> = (call) => {
  for (let index = 0; index < Number(call.request); index += 1) call.write(`part ${index}`);
  call.end();
};
const up: handleClientStreamingCall<string, string> = (call, answer) => {
  const parts: string[] = [];
  call.on('data', (part: string) => parts.push(part));
  call.on('end', () => answer(null, parts.join('+')));
};
const both: handleBidiStreamingCall<string, string> = (call) => {
  call.on('data', (part: string) => call.write(`echo ${part}`));
  call.on('end', () => call.end());
};
const fail: handleUnaryCall<string, string> = (_call, answer) =>
  answer({ code: status.ALREADY_EXISTS, details: 'there is one: 50 % full' });
const never: handleUnaryCall<string, string> = () => {};

/** A server of gRPC on a port of loopback. */
class EchoServer implements AsyncDisposable {
  readonly #server = new Server();

  async listen(): Promise<PoolEndpoint> {
    this.#server.addService(definition, {
      Unary: unary,
      Down: down,
      Up: up,
      Both: both,
      Fail: fail,
      Never: never,
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return { address: '127.0.0.1', port, weight: 1 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}

const EchoClient = makeGenericClientConstructor(definition, 'Echo');
type EchoClient = InstanceType<typeof EchoClient>;

function grpcTable(...endpoints: readonly PoolEndpoint[]) {
  const routes = [route('/test.Echo', toPool('app')), route('/gone', toPool('gone'))];
  return table([host('app.test', routes)], [pool('app', endpoints, { protocol: 'h2c' })]);
}

function clientOf(rig: Rig): EchoClient & Disposable {
  const client = new EchoClient(`127.0.0.1:${rig.port}`, credentials.createInsecure(), {
    'grpc.default_authority': 'app.test',
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

/** What a unary call ends with. */
async function call(
  client: EchoClient,
  name: keyof typeof definition,
  text: string,
  deadlineMs: number = 10_000,
): Promise<string | ServiceError> {
  const { path, requestSerialize, responseDeserialize } = definition[name];
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      text,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error, answer) => resolve(error ?? answer ?? ''),
    );
  });
}

async function partsOf(stream: ClientReadableStream<string>): Promise<readonly string[]> {
  const parts: string[] = [];
  stream.on('data', (part: string) => parts.push(part));
  await once(stream, 'end');
  return parts;
}

test('unary: message, metadata and trailers', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const metadata = new Metadata();
  metadata.set('x-asked', 'this');
  metadata.set('x-bytes-bin', Buffer.from([0, 255, 10, 13]));
  const { path, requestSerialize, responseDeserialize } = definition.Unary;
  const answer = Promise.withResolvers<string | undefined>();
  const request = client.makeUnaryRequest(
    path,
    requestSerialize,
    responseDeserialize,
    'hello',
    metadata,
    (error, text) => (error ? answer.reject(error) : answer.resolve(text)),
  );
  const [head] = (await once(request, 'metadata')) as [Metadata];
  const [end] = (await once(request, 'status')) as [{ code: number; metadata: Metadata }];
  equal(await answer.promise, 'you said hello');
  deepEqual(head.get('x-asked'), ['this']);
  deepEqual(head.get('x-bytes-bin'), [Buffer.from([0, 255, 10, 13])]);
  equal(end.code, status.OK);
  deepEqual(end.metadata.get('x-trailer'), ['at the end']);
});

test('a stream of the server, larger than any window', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const { path, requestSerialize, responseDeserialize } = definition.Down;
  const parts = await partsOf(
    client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, '20000'),
  );
  equal(parts.length, 20_000);
  equal(parts.at(-1), 'part 19999');
});

test('a stream of the client, larger than any window', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const { path, requestSerialize, responseDeserialize } = definition.Up;
  const answer = Promise.withResolvers<string | undefined>();
  const request = client.makeClientStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    (error, text) => (error ? answer.reject(error) : answer.resolve(text)),
  );
  const part = 'x'.repeat(50_000);
  for (let index = 0; index < 40; index += 1) request.write(part);
  request.end();
  equal((await answer.promise)?.length, 40 * 50_001 - 1);
});

test('both ways, one message waiting for the other', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const { path, requestSerialize, responseDeserialize } = definition.Both;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  for (let index = 0; index < 20; index += 1) {
    stream.write(`${index}`);
    deepEqual(await once(stream, 'data'), [`echo ${index}`]);
  }
  stream.end();
  const [end] = (await once(stream, 'status')) as [{ code: number }];
  equal(end.code, status.OK);
});

test('a stream held open passes a change of the routes', async () => {
  await using server = new EchoServer();
  const first = grpcTable(await server.listen());
  await using rig = await startRig(first);
  using client = clientOf(rig);
  const { path, requestSerialize, responseDeserialize } = definition.Both;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  stream.write('before');
  deepEqual(await once(stream, 'data'), ['echo before']);
  await rig.engine.apply({ ...first, generation: 2, hosts: new Map() }, undefined);
  stream.write('after');
  deepEqual(await once(stream, 'data'), ['echo after']);
  stream.end();
  await once(stream, 'status');
});

test('the status of a service passes as it is', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const error = await call(client, 'Fail', 'x');
  deepEqual(typeof error === 'object' && [error.code, error.details], [
    status.ALREADY_EXISTS,
    'there is one: 50 % full',
  ]);
});

test('a deadline ends the call on both sides', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const error = await call(client, 'Never', 'x', 150);
  equal(typeof error === 'object' && error.code, status.DEADLINE_EXCEEDED);
  await rig.has(
    'portolan_ingress_requests_total{code="499",ingress="web",namespace="default",service="app"}',
  );
});

const failures: readonly (readonly [
  why: string,
  endpoints: readonly PoolEndpoint[],
  path: string,
  code: number,
])[] = [
  ['no endpoint', [], '/test.Echo/Unary', status.UNAVAILABLE],
  [
    'an endpoint that refuses',
    [{ address: '127.0.0.1', port: 1, weight: 1 }],
    '/test.Echo/Unary',
    status.UNAVAILABLE,
  ],
  ['a pool that is gone', [], '/gone/Unary', status.UNAVAILABLE],
  ['no route', [], '/other.Service/Unary', status.UNIMPLEMENTED],
];
for (const [why, endpoints, path, code] of failures) {
  test(`a status that clients of gRPC understand: ${why}`, async () => {
    await using rig = await startRig(grpcTable(...endpoints));
    using client = clientOf(rig);
    const { requestSerialize, responseDeserialize } = definition.Unary;
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, '', (error) =>
        resolve(error),
      );
    });
    equal(error?.code, code);
  });
}

test('many calls at a time share the connections to an endpoint', async () => {
  await using server = new EchoServer();
  await using rig = await startRig(grpcTable(await server.listen()));
  using client = clientOf(rig);
  const answers = await Promise.all(
    Array.from({ length: 250 }, (_, index) => call(client, 'Unary', `${index}`)),
  );
  deepEqual(
    answers,
    answers.map((_, index) => `you said ${index}`),
  );
});
