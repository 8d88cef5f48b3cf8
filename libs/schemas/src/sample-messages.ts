import type { KnownMessage } from './webhook-payloads.ts';

/** For tests: one message of each kind, with all that every candidate shape has a word for. */
export const sampleMessages: readonly KnownMessage[] = [
  { kind: 'text', text: 'Seu pedido saiu. 🚚' },
  {
    kind: 'buttons',
    text: 'Escolha:',
    buttons: [
      { kind: 'postback', title: 'Vendas', payload: ' IR/VENDAS ' },
      { kind: 'url', title: 'Site', url: 'https://ex.br' },
      { kind: 'phone', title: 'Ligar', phone: '+551155550000' },
    ],
  },
  {
    kind: 'cards',
    cards: [
      {
        title: 'Plano A',
        subtitle: 'R$ 10',
        imageUrl: 'https://ex.br/a.png',
        buttons: [
          { kind: 'postback', title: 'Quero', payload: 'PLANO_A' },
          { kind: 'url', title: 'Ver', url: 'https://ex.br/a' },
          { kind: 'phone', title: 'Ligar', phone: '190' },
        ],
      },
      { title: 'Plano B', buttons: [] },
    ],
  },
  { kind: 'image', url: 'https://ex.br/a.png', caption: 'A foto' },
  { kind: 'audio', url: 'https://ex.br/a.mp3' },
  { kind: 'video', url: 'https://ex.br/a.mp4' },
  { kind: 'file', url: 'https://ex.br/a.pdf' },
];
