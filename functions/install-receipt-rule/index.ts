import { SESClient } from '@aws-sdk/client-ses';
import { customResourceFunction } from '../../shared/platform/customResource.ts';
import { createReceiptRulesStore } from '../../shared/receipt/receiptRulesStore.ts';
import { createInstallReceiptRule } from './handler.ts';

export const handler = customResourceFunction({
  handle: createInstallReceiptRule(createReceiptRulesStore(new SESClient({}))),
});
