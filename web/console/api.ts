/** The agent API as the console uses it. */
export interface Api {
  get<T>(path: string): Promise<T>;
}

/**
 * Calls the API with an agent's key. Throws an error whose message may be shown to a person.
 * The caller names the shape that the contract promises for the path.
 */
export function createApi(baseUrl: string, agentApiKey: string): Api {
  return {
    async get<T>(path: string): Promise<T> {
      const response = await fetch(baseUrl + path, { headers: { authorization: `Bearer ${agentApiKey}` } });
      const body: unknown = await response.json();
      if (!response.ok) throw new Error(detailOf(body) ?? `The platform answered ${response.status}.`);
      return body as T;
    },
  };
}

function detailOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : undefined;
}
