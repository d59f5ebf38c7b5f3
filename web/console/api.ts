/** The agent API as the console uses it. */
export interface Api {
  get<T>(path: string): Promise<T>;
  /** Sends a request that may be repeated: the same id again changes nothing. */
  post<T>(path: string, body: Record<string, unknown>): Promise<T>;
}

/**
 * Calls the API with an agent's key. Throws an error whose message may be shown to a person.
 * The caller names the shape that the contract promises for the path.
 */
export function createApi(baseUrl: string, agentApiKey: string): Api {
  const authorization = `Bearer ${agentApiKey}`;
  return {
    get: async <T>(path: string) => read<T>(await fetch(baseUrl + path, { headers: { authorization } })),
    post: async <T>(path: string, body: Record<string, unknown>) => {
      const headers = {
        authorization,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      };
      return read<T>(await fetch(baseUrl + path, { method: 'POST', headers, body: JSON.stringify(body) }));
    },
  };
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(detailOf(body) ?? `The platform answered ${response.status}.`);
  return body as T;
}

/** What a problem document says, with what is wrong where. */
function detailOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return undefined;
  const issues: unknown[] = 'issues' in body && Array.isArray(body.issues) ? body.issues : [];
  const said = issues.flatMap((issue) =>
    typeof issue === 'object' && issue !== null && 'message' in issue ? [`${issue.message}.`] : [],
  );
  return [String(body.detail), ...said].join(' ');
}
