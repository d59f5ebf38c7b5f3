/** What the local platform tells its own pages; a deployed console gets its key by sign-in instead. */
export interface LocalStory {
  keys: Record<string, string>;
  demo?: { headline: string; visitor: { name: string; identifier: string } };
}

export async function readLocalStory(): Promise<LocalStory> {
  const response = await fetch('/_local/story');
  if (!response.ok) throw new Error('This page works on the local platform only.');
  return (await response.json()) as LocalStory;
}
