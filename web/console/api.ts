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

function detailOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : undefined;
}
