import { expect, it, test } from 'vitest';
import { resolvePorts } from '#process/addresses';
import { type ApiDescription, describeApi } from './describe.ts';
import { findAddress, prepareRequest, type TryOutRequest } from './try-it.ts';

const text = `
openapi: 3.1.0
info: { title: cart, version: 1.2.0, description: Carts. }
servers: [{ url: 'http://127.0.0.1:{CART_PORT}/v1', variables: { CART_PORT: { default: '4103' } } }]
components:
  schemas:
    Item: { type: object, required: [sku], properties: { sku: { type: string, pattern: ^BW, example: BW-1 }, count: { type: integer, minimum: 1, examples: [2] } } }
    Cart: { allOf: [{ $ref: '#/components/schemas/Base' }, { type: object, properties: { items: { type: array, items: { $ref: '#/components/schemas/Item' } } } }] }
    Base: { type: object, required: [id], properties: { id: { type: string, description: Its name., example: c1 } } }
    Node: { type: object, properties: { next: { $ref: '#/components/schemas/Node' } } }
    Self: { $ref: '#/components/schemas/Self' }
paths:
  /carts/{id}:
    parameters: [{ in: path, name: id, required: true, schema: { type: string, example: c1 } }]
    get:
      summary: A cart
      parameters: [{ in: query, name: full, schema: { type: boolean } }, { in: header, name: X-Trace, schema: { type: string } }, { in: header, name: Host, schema: { type: string } }]
      responses: { '200': { description: The cart, content: { application/json: { schema: { $ref: '#/components/schemas/Cart' } } } } }
    put:
      requestBody: { required: true, content: { text/plain: {}, application/json: { schema: { $ref: '#/components/schemas/Item' }, examples: { one: { value: { sku: BW-9 } } } } } }
      responses: { '204': { description: Done } }
  /odd:
    post: { responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Node' } } } }, '201': { content: { application/json: { schema: { $ref: 'https://elsewhere.example/x' } } } }, '202': { content: { application/json: { schema: { $ref: '#/components/schemas/Self' } } } } } }
`;
const parsed = describeApi(text);
const api: ApiDescription = parsed.ok
  ? parsed.api
  : { title: '', version: '', description: '', servers: [], operations: [] };
const [get, put, odd] = api.operations;

test('operations have their parameters, those of the path included, bodies, answers and examples', () => {
  expect(parsed.ok).toBe(true);
  expect(get?.parameters.map(({ name, in: place, required, example }) => [name, place, required, example])).toEqual([
    ['id', 'path', true, 'c1'],
    ['full', 'query', false, ''],
    ['X-Trace', 'header', false, ''],
    ['Host', 'header', false, ''],
  ]);
  const content = get?.responses[0]?.content;
  expect(content?.fields.map(({ name, depth, type, required }) => [name, depth, type, required])).toEqual([
    ['id', 0, 'string', true],
    ['items', 0, 'array of object', false],
    ['sku', 1, 'string', true],
    ['count', 1, 'integer', false],
  ]);
  expect(JSON.parse(content?.example ?? '')).toEqual({ id: 'c1', items: [{ sku: 'BW-1', count: 2 }] });
  expect(put?.body).toMatchObject({ mediaType: 'application/json', required: true, example: '{\n  "sku": "BW-9"\n}' });
  expect([get?.exemplified, put?.exemplified, odd?.exemplified]).toEqual([true, true, false]);
});

test('a schema that holds itself, or lies elsewhere, ends', () => {
  expect(odd?.responses.map(({ content }) => content?.example)).toEqual([null, null, null]);
  expect(odd?.responses[0]?.content?.fields.length).toBeLessThan(10);
});

it.each([
  ['openapi: 3.1.0\npaths: {a: [}\n', 'line 2, column 13'],
  ['swagger: "2.0"\n', 'version 3'],
  ['just a text', 'version 3'],
])('%j cannot be shown, with the reason', (broken, reason) => {
  expect(describeApi(broken)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

const ports = resolvePorts({ BELLWETHER_PORT_OFFSET: '1000', CART_PORT: '5555' });
const server = (url: string, variables: Record<string, string> = {}) => findAddress([{ url, variables }], ports);

test('a request goes where the servers say, by the port that is in force', () => {
  expect(findAddress(api.servers, ports)).toEqual({ ok: true, origin: 'http://127.0.0.1:5555', basePath: '/v1' });
  expect(server('http://localhost:8080/')).toEqual({ ok: true, origin: 'http://localhost:8080', basePath: '' });
});

it.each([
  ['http://169.254.169.254/latest', 'not on this machine'],
  ['http://localhost.evil.example:80', 'not on this machine'],
  ['https://api.example', 'not on this machine'],
  ['http://127.0.0.1@evil.example', 'not on this machine'],
  ['file:///etc/passwd', 'no address'],
  ['/v1', 'no address'],
  [`http://127.0.0.1:${ports.chaos}`, 'own chaos'],
  [`http://localhost:${ports.clickhouse}`, 'own clickhouse'],
  [`http://[::1]:${ports.app}/api`, 'own app'],
])('%s is never asked', (url, reason) => {
  expect(server(url)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

const given = (more: Partial<TryOutRequest>): TryOutRequest => ({
  api: 'cart',
  method: 'GET',
  path: '/carts/{id}',
  values: { id: 'c1' },
  body: '',
  authorization: '',
  ...more,
});

test('a request has what the operation knows, and nothing else', () => {
  const values = { id: 'a/b?c#d', full: 'true&x=1', 'X-Trace': 'on\r\nevil: 1', Host: 'evil', unknown: 'x' };
  expect(prepareRequest(api, given({ values, body: '{}', authorization: 'Bearer t\r\nevil: 1' }), ports)).toEqual({
    ok: true,
    url: 'http://127.0.0.1:5555/v1/carts/a%2Fb%3Fc%23d?full=true%26x%3D1',
    method: 'GET',
    headers: { accept: 'application/json, */*;q=0.5', 'x-trace': 'onevil: 1', authorization: 'Bearer tevil: 1' },
    body: null,
  });
  expect(prepareRequest(api, given({ method: 'PUT', body: '{"sku":"BW-1"}' }), ports)).toMatchObject({
    method: 'PUT',
    body: '{"sku":"BW-1"}',
    headers: { 'content-type': 'application/json' },
  });
});

it.each([
  ['a method that it has not', { method: 'DELETE' }],
  ['a path that it has not', { path: '/admin' }],
  ['a path filled in by hand', { path: '/carts/c1' }],
  ['a way up', { values: { id: '..' } }],
  ['no value', { values: {} }],
] as [string, Partial<TryOutRequest>][])('an operation with %s is refused', (_what, more) => {
  expect(prepareRequest(api, given(more), ports).ok).toBe(false);
});
