/** What Segment's browser SDK asks for at its start: here it learns to send everything to this platform and nowhere else. */
export function projectSettings({
  writeKey,
  host,
  protocol,
}: {
  writeKey: string;
  /** Host and port under which the browser reached us. */
  host: string;
  protocol: 'http' | 'https';
}): Record<string, unknown> {
  const enabled = { __default: { enabled: true } };
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${host}/v1`,
        protocol,
        addBundledMetadata: false,
        unbundledIntegrations: [],
      },
    },
    plan: { track: enabled, identify: enabled, group: enabled },
    analyticsNextEnabled: true,
    edgeFunction: {},
    middlewareSettings: {},
    enabledMiddleware: {},
    remotePlugins: [],
    legacyVideoPluginsEnabled: false,
    // The SDK would report about itself to its maker.
    metrics: { sampleRate: 0, host: `${host}/v1` },
  };
}
