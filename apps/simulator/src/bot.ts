import type { BotRequest, KnownMessage as Message } from '@bridge/schemas';

export type Answer = { author: 'bot' | 'agent'; message: Message };

/** What the bot answers, and who has the conversation from now on. */
export type Turn = { answers: Answer[]; withAgent: boolean };

const text = (words: string): Message => ({ kind: 'text', text: words });

const samples: Record<Message['kind'], Message> = {
  text: text('Este é um texto simples, com acento e emoji: 🚀'),
  buttons: {
    kind: 'buttons',
    text: 'Como posso ajudar?',
    buttons: [
      { kind: 'postback', title: 'Falar com vendas', payload: 'IR_VENDAS' },
      { kind: 'postback', title: 'Falar com um atendente', payload: 'IR_ATENDENTE' },
      { kind: 'url', title: 'Abrir o site', url: 'https://www.example.com/' },
    ],
  },
  cards: {
    kind: 'cards',
    cards: [
      {
        title: 'Plano A',
        subtitle: 'R$ 10 por mês',
        imageUrl: 'https://media.example.com/plano-a.png',
        buttons: [
          { kind: 'postback', title: 'Quero o A', payload: 'PLANO_A' },
          { kind: 'url', title: 'Ver detalhes', url: 'https://www.example.com/planos/a' },
        ],
      },
      {
        title: 'Plano B',
        subtitle: 'R$ 25 por mês',
        imageUrl: 'https://media.example.com/plano-b.png',
        buttons: [{ kind: 'postback', title: 'Quero o B', payload: 'PLANO_B' }],
      },
    ],
  },
  image: { kind: 'image', url: 'https://media.example.com/foto.png', name: 'foto.png', mimeType: 'image/png' },
  audio: { kind: 'audio', url: 'https://media.example.com/recado.mp3', name: 'recado.mp3', mimeType: 'audio/mpeg' },
  video: { kind: 'video', url: 'https://media.example.com/tour.mp4', name: 'tour.mp4', mimeType: 'video/mp4' },
  file: {
    kind: 'file',
    url: 'https://media.example.com/contrato.pdf',
    name: 'contrato.pdf',
    mimeType: 'application/pdf',
  },
};

const help = text(
  [
    'Comandos: /text /buttons /cards /image /audio /video /file',
    '/all manda os sete de uma vez.',
    '/agent chama um atendente; /bot volta para mim.',
    'Qualquer outro texto eu repito.',
  ].join('\n'),
);

const bot = (...messages: Message[]): Turn => ({
  answers: messages.map((message) => ({ author: 'bot', message })),
  withAgent: false,
});

const handOver: Turn = {
  answers: [
    { author: 'bot', message: text('Um momento, vou chamar um atendente.') },
    { author: 'agent', message: text('Olá, aqui é a Marina. Como posso ajudar?') },
  ],
  withAgent: true,
};

const commands = new Map<string, Turn>([
  ...Object.entries(samples).map(([kind, message]): [string, Turn] => [`/${kind}`, bot(message)]),
  ['/all', bot(...Object.values(samples))],
  ['/help', bot(help)],
  ['/bot', bot(text('Sou eu de novo, o bot. Mande /help para ver os comandos.'))],
  ['/agent', handOver],
]);

const payloads = new Map<string, Turn>([
  ['IR_VENDAS', bot(text('Certo, vendas! Veja os planos:'), samples.cards)],
  ['IR_ATENDENTE', handOver],
  ['PLANO_A', bot(text('O Plano A é seu. Obrigado!'))],
  ['PLANO_B', bot(text('O Plano B é seu. Obrigado!'))],
]);

const mediaNames = new Map([
  ['image', 'sua imagem'],
  ['audio', 'seu áudio'],
  ['video', 'seu vídeo'],
]);

type Said =
  | { kind: 'text'; text: string }
  | { kind: 'button'; title: string; payload: string }
  | { kind: 'media'; type: string; url: string };

const read = (request: BotRequest): Said => {
  if ('submitted_values' in request) {
    const [value] = request.submitted_values;
    return { kind: 'button', ...value };
  }
  if ('attachments' in request) {
    const [attachment] = request.attachments;
    return { kind: 'media', type: attachment.file_type, url: attachment.data_url };
  }
  return { kind: 'text', text: request.content };
};

const describe = (said: Said): string => {
  if (said.kind === 'text') return `“${said.text}”`;
  return said.kind === 'button' ? `a opção “${said.title}”` : (mediaNames.get(said.type) ?? 'seu arquivo');
};

const fromAgent = (said: Said): Turn => ({
  answers: [{ author: 'agent', message: text(`Marina aqui. Recebi ${describe(said)} e já respondo.`) }],
  withAgent: true,
});

const fromBot = (said: Said): Turn => {
  if (said.kind === 'media') return bot(text(`Recebi ${describe(said)}: ${said.url}`));
  if (said.kind === 'button') {
    return payloads.get(said.payload) ?? bot(text(`Você escolheu “${said.title}” (${said.payload}).`));
  }
  return commands.get(said.text.trim().toLowerCase()) ?? bot(text(`Você disse: ${said.text}`));
};

/**
 * One turn of the conversation: what comes back for what the end user sent. While an agent has the conversation, the
 * agent answers all but `/bot`.
 */
export const answerMessage = (request: BotRequest, { withAgent }: { withAgent: boolean }): Turn => {
  const said = read(request);
  const backToBot = said.kind === 'text' && said.text.trim().toLowerCase() === '/bot';
  return withAgent && !backToBot ? fromAgent(said) : fromBot(said);
};
