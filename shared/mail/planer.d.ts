/** The package brings no types of its own. */
declare module 'planer' {
  const planer: { extractFromPlain(text: string): string };
  export default planer;
}
