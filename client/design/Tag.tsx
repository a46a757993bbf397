/** The name of a protocol in its colour, as it stands at the head of a caption. */
import type { Protocol } from '../../shared/story/story.ts';
import './parts.css';

const NAME: Readonly<Record<Protocol, string>> = {
  smtp: 'SMTP',
  dns: 'DNS',
  pop3: 'POP3',
  tls: 'TLS',
  store: 'ON DISK',
};

export function Tag({ protocol }: { readonly protocol: Protocol }) {
  return <span className={`tag ${protocol}`}>{NAME[protocol]}</span>;
}
