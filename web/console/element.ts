type Child = Node | string | undefined;

/** Makes an element; texts become text nodes, never markup, so customer data cannot inject anything. */
export function element(tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks #${id}`);
  return found;
}

/** Something that a person fills in. */
export function field(id: string): HTMLInputElement | HTMLTextAreaElement {
  const found = byId(id);
  if (found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement) return found;
  throw new Error(`#${id} takes no text`);
}
