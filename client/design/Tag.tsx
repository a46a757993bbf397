/** The name of a protocol in its colour, as it stands at the head of a caption. */
import { PROTOCOLS, type Protocol } from '../../shared/protocols.ts';
import './parts.css';

/** `words`: in place of the protocol's name, where nothing crosses a wire. */
export function Tag({ protocol, words = null }: { readonly protocol: Protocol; readonly words?: string | null }) {
  return <span className={`tag ${protocol}`}>{words ?? PROTOCOLS[protocol].name.toUpperCase()}</span>;
}
