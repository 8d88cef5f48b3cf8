import type { Button, Card, InboundMessage } from './inbound-message.ts';
import { asList, asObject, asString, asText, firstHit } from './read-path.ts';
import { partPaths, words } from './webhook-paths.ts';

/** Whether something says of itself that it is a template. */
export function isTemplate(holder: unknown): boolean {
  return firstHit(holder, partPaths.templateType, asString) !== undefined;
}

/**
 * The cards or the buttons that something holds, or undefined when it has no usable one of either.
 * @param fallbackText what the buttons stand under when the template has no text of its own
 */
export function readTemplate(holder: unknown, fallbackText: string | undefined): InboundMessage | undefined {
  const text = firstHit(holder, partPaths.templateText, asString) ?? fallbackText;
  const cards = readCards(firstHit(holder, partPaths.cards, asList));
  const buttons = readButtons(firstHit(holder, partPaths.buttons, asList), text);
  return firstHit(holder, partPaths.templateType, asString) === 'button' ? (buttons ?? cards) : (cards ?? buttons);
}

/** Elements that have nothing of a card are left out (`raw` keeps them); none left: undefined. */
export function readCards(list: readonly unknown[] | undefined): InboundMessage | undefined {
  const cards = (list ?? []).map(readCard).filter((card) => card !== undefined);
  return cards.length > 0 ? { kind: 'cards', cards } : undefined;
}

/** Elements that can't be a button are left out (`raw` keeps them); none left: undefined. */
export function readButtons(
  list: readonly unknown[] | undefined,
  text: string | undefined,
): InboundMessage | undefined {
  const buttons = usableButtons(list);
  return buttons.length > 0 ? { kind: 'buttons', text: text ?? '', buttons } : undefined;
}

/** Whether a list of unnamed items is one of cards rather than of buttons. */
export function looksLikeCards(list: readonly unknown[]): boolean {
  const marks = [...partPaths.cardSubtitle, ...partPaths.cardImageUrl];
  return list.some(
    (item) =>
      firstHit(item, marks, asString) !== undefined || firstHit(item, partPaths.cardButtons, asList) !== undefined,
  );
}

function readCard(from: unknown): Card | undefined {
  if (asObject(from) === undefined) return undefined;
  const title = firstHit(from, partPaths.cardTitle, asText);
  const subtitle = firstHit(from, partPaths.cardSubtitle, asText);
  const imageUrl = firstHit(from, partPaths.cardImageUrl, asString);
  const buttons = usableButtons(firstHit(from, partPaths.cardButtons, asList));
  if (title === undefined && subtitle === undefined && imageUrl === undefined && buttons.length === 0) return undefined;
  return {
    title: title ?? '',
    ...(subtitle === undefined ? {} : { subtitle }),
    ...(imageUrl === undefined ? {} : { imageUrl }),
    buttons,
  };
}

function usableButtons(list: readonly unknown[] | undefined): Button[] {
  return (list ?? []).map(readButton).filter((button) => button !== undefined);
}

/** A link or a phone number that lacks its target is a postback, like every button of an unknown type. */
function readButton(from: unknown): Button | undefined {
  const kind = firstHit(from, partPaths.buttonType, (type) => wordFor(words.button, type));
  const title = firstHit(from, partPaths.buttonTitle, asText);
  const payload = firstHit(from, partPaths.buttonPayload, asText);
  const url = firstHit(from, partPaths.buttonUrl, asString);
  const phone = firstHit(from, partPaths.buttonPhone, asText);
  if (kind === 'phone' && phone !== undefined) return { kind, title: title ?? phone, phone };
  if (url !== undefined && (kind === 'url' || payload === undefined)) return { kind: 'url', title: title ?? url, url };
  // A postback without a payload still can be pressed: its title is what comes back.
  const answer = payload ?? title;
  return answer === undefined ? undefined : { kind: 'postback', title: title ?? answer, payload: answer };
}

/** What a word means by one of the tables of {@link words}. */
export function wordFor<Meaning extends string>(
  table: Readonly<Record<string, Meaning>>,
  word: unknown,
): Meaning | undefined {
  const name = asText(word)?.toLowerCase();
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
