import { App } from 'aws-cdk-lib';
import { ThroughlineStack } from './throughlineStack.ts';

export interface SynthesizeOptions {
  /** Where the bundled functions lie. */
  bundlesDir: string;
  /** Receives the assembly. */
  outDir: string;
  stackName: string;
  /** Adds checks that may let the synthesis fail; the template is the same with and without. */
  check?(app: App): void;
}

/** Synthesizes the stack. Needs no network and no credentials: the template names no account and no region. */
export function synthesize({ bundlesDir, check, outDir, stackName }: SynthesizeOptions): void {
  const app = new App({
    outdir: outDir,
    analyticsReporting: false,
    // Tells whoever runs the template on this machine where a function's code lies.
    context: { 'aws:cdk:enable-asset-metadata': true },
  });
  check?.(app);
  new ThroughlineStack(app, stackName, {
    bundlesDir,
    description: 'Throughline: one timeline per customer, one conversation across channels',
  });
  app.synth();
}
