/** What the local platform tells its own pages; a deployed console gets its key by sign-in instead. */
export interface LocalStory {
  keys: Record<string, string>;
  demo?: {
    people: DemoPerson[];
    /** What of the story came true, with its times in ISO 8601. */
    told: {
      lena?: { chattedAt: string; calledAt: string; mailedAt: string };
      jonas?: { calledAt: string; mailedAt: string };
    };
  };
}

export interface DemoPerson {
  name: string;
  /** As the practice's telephone shows it. */
  phoneShown: string;
  /** `type:value` by which the customer is found. */
  identifier: string;
  animal: string;
}

export async function readLocalStory(): Promise<LocalStory> {
  const response = await fetch('/_local/story');
  if (!response.ok) throw new Error('This page works on the local platform only.');
  return (await response.json()) as LocalStory;
}
