/** JSON Schema → the short notation of TypeScript, which more people read at a glance. */
import type { JsonSchema } from './schemas.js';

/** Longest line before an object is broken up, characters. */
const MAX_LINE = 100;

export function typeText(schema: JsonSchema, indent = ''): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1)!;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (union) return unionText(union, indent);
  if (Array.isArray(schema.prefixItems)) return `[${(schema.prefixItems as JsonSchema[]).map((item) => typeText(item, indent)).join(', ')}]`;
  switch (schema.type) {
    case 'object': return objectText(schema, indent);
    case 'array': {
      const item = typeText((schema.items ?? {}) as JsonSchema, indent);
      return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    case 'integer':
    case 'number': return `number${bounds(schema)}`;
    case 'string': return 'string';
    case 'boolean':
    case 'null': return schema.type;
    default: return Array.isArray(schema.type) ? (schema.type as string[]).join(' | ') : 'any';
  }
}

function unionText(union: JsonSchema[], indent: string): string {
  const parts = union.map((part) => typeText(part, `${indent}  `));
  const line = parts.join(' | ');
  return line.length <= MAX_LINE && !line.includes('\n') ? line : parts.map((part) => `\n${indent}  | ${part}`).join('');
}

function objectText(schema: JsonSchema, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  if (properties.length === 0) {
    const values = schema.additionalProperties;
    return typeof values === 'object' && values !== null && Object.keys(values).length > 0 ? `{ [name: string]: ${typeText(values as JsonSchema, indent)} }` : '{}';
  }
  const required = new Set((schema.required ?? []) as string[]);
  const fields = properties.map(([name, field]) => {
    const standard = field.default !== undefined && !isObject(field.default) ? ` = ${JSON.stringify(field.default)}` : '';
    return `${name}${required.has(name) ? '' : '?'}: ${typeText(field, `${indent}  `)}${standard}`;
  });
  const line = `{ ${fields.join(', ')} }`;
  return line.length + indent.length <= MAX_LINE && !line.includes('\n') ? line : `{\n${fields.map((field) => `${indent}  ${field}\n`).join('')}${indent}}`;
}

function bounds({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = minimum ?? exclusiveMinimum;
  if (low === undefined && maximum === undefined) return '';
  if (maximum === undefined) return low === 0 ? '' : ` /* ≥ ${String(low)} */`;
  return ` /* ${exclusiveMinimum === undefined ? '' : '>'}${String(low ?? '…')}..${String(maximum)} */`;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
