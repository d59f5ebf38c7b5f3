import { randomUUID } from 'node:crypto';
import type { ServiceAnswer } from '../ports.ts';

/** An error that the SDK turns into the exception of its code. */
export class SesError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const namespace = 'http://ses.amazonaws.com/doc/2010-12-01/';

/** The members of a list parameter, `Tags.member.1`, `Tags.member.2`, …, each with what follows its number. */
export function members(parameters: URLSearchParams, name: string): Map<string, string>[] {
  const list: Map<string, string>[] = [];
  for (let index = 1; ; index++) {
    const prefix = `${name}.member.${index}`;
    const found = [...parameters].filter(([key]) => key === prefix || key.startsWith(`${prefix}.`));
    if (found.length === 0) return list;
    list.push(new Map(found.map(([key, value]) => [key.slice(prefix.length + 1), value])));
  }
}

/** The texts of a list parameter whose members are plain. */
export function memberTexts(parameters: URLSearchParams, name: string): string[] {
  return members(parameters, name).flatMap((member) => [...member.values()].slice(0, 1));
}

/** A text, a list whose elements become members, or elements by name. */
export type XmlValue = string | XmlValue[] | { [name: string]: XmlValue };

/** The answer of an operation; values are written as elements in the given order. */
export function success(operation: string, values: Record<string, XmlValue>): ServiceAnswer {
  const result = `<${operation}Result>${elements(values)}</${operation}Result>`;
  const requestId = randomUUID();
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return xml(200, requestId, `<${operation}Response xmlns="${namespace}">${result}${metadata}</${operation}Response>`);
}

export function refusal({ code, message }: SesError): ServiceAnswer {
  const error = `<Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
  const requestId = randomUUID();
  const identified = `${error}<RequestId>${requestId}</RequestId>`;
  return xml(400, requestId, `<ErrorResponse xmlns="${namespace}">${identified}</ErrorResponse>`);
}

function xml(status: number, requestId: string, body: string): ServiceAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function elements(value: XmlValue): string {
  if (typeof value === 'string') return escapeXml(value);
  const named = Array.isArray(value) ? value.map((one): [string, XmlValue] => ['member', one]) : Object.entries(value);
  return named.map(([name, inner]) => `<${name}>${elements(inner)}</${name}>`).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
