import { describe, expect, it } from 'vitest';
import { createOpenApi } from '../../shared/contracts/openApi.ts';
import { type Operation, operations } from '../../shared/contracts/operations.ts';

const document = JSON.parse(JSON.stringify(createOpenApi(operations, { version: '0.1.0' })));
type Described = {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, Record<string, unknown>>;
};
const described: [string, string, Described][] = Object.entries<Record<string, Described>>(document.paths).flatMap(
  ([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, string, Described] => [path, method, operation]),
);
const operationOf = (operationId: string): Described => {
  const found = described.find(([, , operation]) => operation.operationId === operationId);
  if (found === undefined) throw new Error(`${operationId} is not described`);
  return found[2];
};

describe('the OpenAPI document', () => {
  it('is of version 3.1 and carries title, version and licence', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({
      title: 'Throughline',
      version: '0.1.0',
      license: { identifier: 'Apache-2.0' },
    });
  });

  it('describes every public operation once and no preflight', () => {
    const all: readonly Operation[] = operations;
    expect(described.map(([path, method]) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      all
        .filter(({ hidden }) => !hidden)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
    const ids = described.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain('preflightWidget');
  });

  it('has a required path parameter for each placeholder and no other', () => {
    for (const [path, , { parameters = [] }] of described) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      for (const { required, schema } of inPath)
        expect({ required, type: schema.type }).toEqual({ required: true, type: 'string' });
    }
  });

  it('gives every parameter a name, a place and a schema, and names none twice', () => {
    for (const [, , { parameters = [] }] of described) {
      for (const parameter of parameters) expect(['path', 'query', 'header']).toContain(parameter.in);
      for (const { schema } of parameters) expect(schema).not.toEqual({});
      const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('tells limits and defaults of query parameters', () => {
    expect(operationOf('getCustomerTimeline').parameters?.find(({ name }) => name === 'limit')).toEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    });
    expect(operationOf('findCustomers').parameters?.[0]).toMatchObject({
      name: 'identifier',
      required: false,
      schema: { type: 'string' },
    });
  });

  it('resolves every reference', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(40);
    for (const reference of references) {
      let target = document;
      for (const part of reference.split('/')) target = target?.[part];
      expect(target, reference).toBeTypeOf('object');
    }
  });

  it('answers success and a problem document in every operation', () => {
    for (const [, , { operationId, responses }] of described) {
      expect(
        Object.keys(responses).filter((status) => status.startsWith('2')),
        operationId,
      ).toHaveLength(1);
      expect(responses.default).toEqual({ $ref: '#/components/responses/Failure' });
    }
    for (const response of Object.values<Record<string, unknown>>(document.components.responses)) {
      expect(response).toMatchObject({
        description: expect.any(String),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      });
    }
  });

  it('names the key and the scope that each operation asks for', () => {
    expect(operationOf('getCustomer').security).toEqual([
      { bearerKey: ['customers:read'] },
      { headerKey: ['customers:read'] },
    ]);
    expect(operationOf('openWidgetSession').security).toEqual([
      { basicKey: ['widget:converse'] },
      { bearerKey: ['widget:converse'] },
      { headerKey: ['widget:converse'] },
    ]);
    expect(operationOf('sendWidgetMessage').security).toEqual([{ widgetSession: [] }]);
    expect(operationOf('getHealth').security).toEqual([]);
    const schemes = Object.keys(document.components.securitySchemes);
    for (const [, , { security }] of described)
      for (const choice of security) expect(schemes).toContain(Object.keys(choice)[0]);
  });

  it('refuses by 401 and 403 wherever a key is asked for, by 403 a wrong signature, by 400 and 413 a wrong body', () => {
    for (const [, , { operationId, security, requestBody, responses }] of described) {
      const isSigned = security.some((choice) => 'twilioSignature' in choice);
      if (security.length > 0)
        expect(Object.keys(responses), operationId).toEqual(
          expect.arrayContaining(isSigned ? ['403'] : ['401', '403']),
        );
      if (requestBody) expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['400', '413']));
    }
    expect(Object.keys(operationOf('getCustomer').responses)).toContain('404');
  });

  it('says that telephone systems send forms and are answered with TwiML', () => {
    const { requestBody, responses } = operationOf('receiveCall');
    expect(Object.keys(requestBody?.content ?? {})).toEqual(['application/x-www-form-urlencoded']);
    expect(responses['200']?.content).toEqual({ 'text/xml': { schema: { type: 'string' } } });
  });

  it('lets answers grow: no object forbids further fields', () => {
    expect(JSON.stringify(document)).not.toContain('"additionalProperties":false');
  });

  it('describes requests as sent and answers as given: a default is optional to send', () => {
    expect(document.components.schemas.WidgetMessageRequest).toMatchObject({
      type: 'object',
      required: ['messageId', 'text', 'sentAt'],
      properties: { sentAt: { type: 'string', format: 'date-time' }, messageId: { minLength: 1, maxLength: 100 } },
    });
    expect(document.components.schemas.MessagePage).toEqual({
      type: 'object',
      required: ['messages', 'next'],
      properties: {
        messages: { type: 'array', items: { $ref: '#/components/schemas/Message' } },
        next: { type: ['string', 'null'] },
      },
    });
  });

  it('carries no dialect declarations or ids that a reader would resolve elsewhere', () => {
    expect(JSON.stringify(document)).not.toMatch(/"\$(?:schema|id)"/);
  });
});
