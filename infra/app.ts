import { synth } from './synth.ts';

// The CDK's command line names the directory; without it the assembly goes to cdk.out.
await synth(process.env.CDK_OUTDIR);
