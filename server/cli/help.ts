/** What `mailscope --help` prints. */
import { SERVICE_WORDS } from '../../shared/explain/services.ts';
import { PUBLISHED_PORTS, SERVICE_KINDS, SERVICES, type ServiceKind } from '../../shared/protocols.ts';

/** "  --smtp-port N        incoming mail, as mx1.green.example:25 (2525)" */
const portOption = (kind: ServiceKind): string =>
  `  ${`--${kind}-port N`.padEnd(21)}${SERVICE_WORDS[kind].option}:${SERVICES[kind].port} (${PUBLISHED_PORTS[kind]})`;

export const HELP = `mailscope: see what really happens when you press Send

Usage:
  mailscope [serve] [options]   run the world and serve the page (default)
  mailscope send [options]      send one letter and print the conversation
  mailscope send --story STORY  run a story and print it part by part
  mailscope export RUN --to F   a recording as a page, text, ladder, letters, film
  mailscope story check STORY…  say what is wrong with a story, and where
  mailscope story new NAME      write NAME.md, a story to begin with
  mailscope story list          the stories that come with mailscope

Options of serve:
  --port N             the page (4025)
${SERVICE_KINDS.map(portOption).join('\n')}
                       a port of 0 is any free one
  --host ADDRESS       loopback address to listen on (127.0.0.1)
  --audience HOST:PORT a second address, which other machines may reach, for
                       the audience of a show: it sees the page and what is
                       shown, and can do nothing; 0.0.0.0:4026 is every
                       address of this machine (off)
  --data DIR           where mail, queue and traces are kept
                       (~/.local/state/mailscope); "none" keeps nothing
  --archives SIZE      room for finished traces there, such as 50M or 2G; the
                       oldest go first (200M)
  --in-flight SIZE     what letters and requests under way may take of memory,
                       such as 64M or 1G; who comes beyond that is told to
                       try again later (256M)
  --open               open the page in the browser
  --json               print one line of JSON when everything listens
  --verbose            print every port

Options of send:
  --from ADDRESS       a user of the world
  --to ADDRESS         may be given more than once
  --subject TEXT
  --body TEXT          "-" reads standard input
  --story STORY        instead of all those: the name of a story, or its file
  -o, --output FILE    write the trace, *.trace.ndjson

Options of export:
  --to FORMAT          html      one page that plays it, with nothing to load
                       text, markdown      every step in words
                       mermaid, ladder     who said what to whom; ladder is SVG
                       told      what <mail-flow> draws, and no more
                       eml       the letter each time it crossed, in a folder
                       gif, mp4, webm      a film of it
                       png, svg, sheet     a still; sheet is one of each step
  -o, --output FILE    default: standard output; for eml RUN-letters, for a
                       film or a picture RUN.gif and so on
  --from STEP          begin there, as in mx-question, collect.login#2 or 5
  --until STEP         end there
  --theme light|dark   default: as the reader's system has it
  --size WxH           of a film or a picture, in pixels (gif: 680x480, others
                       1280x720)
  --speed N            of a film; 2 is twice as fast as the page plays (1)
  --fps N              frames a second (gif: 10, videos: 30)
  --no-captions        without the words under it
                       Films and pictures need a Chromium: the system's, or
                       the one that MAILSCOPE_BROWSER names

Options of serve and send:
  --world FILE         the world to run, JSON
  --resolver HOST:PORT a real DNS server on this machine, asked by the outgoing
                       servers about all names but those of the world's own
                       domains, which the world answers
  --mx-port N          the real port of the hosts it names: mail to 127.0.0.0/8
                       and ::1 goes there, to anywhere else outside nowhere
  --retry 1s,5m,1h     waits before the next attempts, the last one repeats
  --give-up 5d         after so long the sender is told that it was in vain
  --help, --version

A RUN is a *.trace.ndjson, "-" for standard input, or the name of a story.
A STORY is the name of one that comes with mailscope, or a file such as
./mine.md; docs/stories.md says how to write one.

Exit status: 0 done or delivered, 1 failed or not delivered, 2 wrong usage.
`;
