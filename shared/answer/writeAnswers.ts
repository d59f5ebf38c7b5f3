import type { Interaction } from '../contracts/interaction.ts';
import { mailSubject } from '../conversation/mailSubject.ts';
import { composeMail } from '../follow-up/composeMail.ts';
import { renderMail } from '../follow-up/renderMail.ts';
import { renderHtml, renderText } from '../follow-up/renderTemplate.ts';
import { buttonStyle } from '../follow-up/templates/layout.ts';
import type { TemplateLanguage } from '../follow-up/templates/template.ts';
import type { Sender } from '../follow-up/writeFollowUp.ts';
import { replyAddressOf } from '../token/replyAddress.ts';
import { letterHtml, letterText, ownSubject, unreadAnswer, unreadHtml, unreadText } from './templates/answer.ts';

/** A mail that brings answers. */
export interface AnswerMail {
  sender: Sender;
  language: TemplateLanguage;
  subject: string;
  /** In the order in which they were written; at least one. */
  answers: readonly Interaction[];
  /** What they follow; undefined where we begin. */
  asked: Interaction | undefined;
  /** The customer's, where the address is known to be theirs. */
  name: string | undefined;
  to: string;
  replyToken: string;
  /** Where the conversation goes on in a browser; undefined where it is a matter of mails. */
  resumeToken: string | undefined;
  atMs: number;
}

/** The subject of a mail that brings an answer, alone or as the first. */
export function answerSubject({
  answer,
  asked,
  company,
  language,
}: {
  answer: Interaction;
  asked: Interaction | undefined;
  language: TemplateLanguage;
  company: string;
}): string {
  if (answer.channel === 'web') return unreadAnswer[language].subject;
  const theirs = asked?.channel === 'email' ? mailSubject(asked.properties.subject) : undefined;
  if (theirs !== undefined) return `Re: ${theirs}`;
  const { subject } = answer.properties;
  return typeof subject === 'string' ? subject : ownSubject[language](company);
}

/** References that are taken over from the customer's mail; the nearest are the last. */
const mostReferences = 10;

/**
 * Answers as a mail: in the thread of the customer's mail as a letter, else as what was not seen in the chat, with the
 * way back into it.
 */
export async function writeAnswers(mail: AnswerMail): Promise<Buffer> {
  const { answers, asked, atMs, replyToken, sender, subject, to } = mail;
  const { html, text } = mail.resumeToken === undefined ? await letter(mail) : await unread(mail);
  return composeMail({
    from: { name: sender.company, address: sender.address },
    replyTo: replyAddressOf(replyToken, sender.replyDomain),
    to,
    subject,
    text,
    html,
    interactionIds: answers.map(({ id }) => id),
    thread: threadOf(asked),
    isAutomatic: mail.resumeToken !== undefined,
    atMs,
  });
}

async function letter(mail: AnswerMail): Promise<{ text: string; html: string }> {
  const variables = { answers: textsOf(mail), paragraphBreak };
  const content = { text: await renderText(letterText, variables), html: await renderHtml(letterHtml, variables) };
  return renderMail({ layout: 'letter', ...inNameOf(mail), content });
}

async function unread(mail: AnswerMail): Promise<{ text: string; html: string }> {
  const { button, footer, intro, outro, preview } = unreadAnswer[mail.language];
  const answers = textsOf(mail);
  const variables = { name: mail.name ?? '', first: answers[0] ?? '' };
  const filled = {
    answers,
    button,
    outro,
    buttonStyle,
    paragraphBreak,
    intro: await renderText(intro, variables),
    resumeUrl: `${mail.sender.publicUrl}/resume/${mail.resumeToken}`,
  };
  return renderMail({
    layout: 'card',
    ...inNameOf(mail),
    content: { text: await renderText(unreadText, filled), html: await renderHtml(unreadHtml, filled) },
    preview: await renderText(preview, variables),
    footer,
  });
}

const paragraphBreak = '\n\n';

function textsOf({ answers }: AnswerMail): string[] {
  return answers.map(({ text = '' }) => text);
}

function inNameOf({ language, sender, subject }: AnswerMail) {
  return { language, subject, company: sender.company, contact: sender.address };
}

/** The customer's mail and what it answered, as far as its headers name them. */
function threadOf(asked: Interaction | undefined): { inReplyTo: string; references: string[] } | undefined {
  const { messageId, references } = asked?.channel === 'email' ? asked.properties : {};
  if (typeof messageId !== 'string') return undefined;
  const earlier = Array.isArray(references) ? references.filter((one) => typeof one === 'string') : [];
  return { inReplyTo: messageId, references: [...earlier.slice(-mostReferences), messageId] };
}
