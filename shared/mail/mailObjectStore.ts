import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { MailObjects } from './mailObjects.ts';

export function createMailObjectStore(client: S3Client, bucket: string): MailObjects {
  return {
    async readOriginal(key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) throw new Error('an original mail has no content');
      return Body.transformToByteArray();
    },
    async writePart({ key, content, type, fileName }) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: content,
          ContentType: type,
          // Whoever is handed the object saves it; nothing of a stranger's mail is shown as a page of ours.
          ContentDisposition: `attachment; filename*=UTF-8''${encodeRfc5987(fileName)}`,
        }),
      );
    },
  };
}

function encodeRfc5987(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
