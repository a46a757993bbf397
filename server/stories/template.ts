/** The story that `mailscope story new` begins with: short, whole, and each piece explained where it stands. */

export const TEMPLATE = `---
# Where it stands in the gallery: your own stories have a group of their own.
group: your own
# parts: only the parts below are told. everything: mailscope tells the rest in its own words.
tell: parts
# What the world is like before the story begins.
change:
  - make mx1 greylist for 1 minute
# What is done, one deed after the other. docs/stories.md has them all.
do:
  - send: { from: alice, to: bob, subject: Lunch?, text: Are you free at noon? }
  - wait for the next attempt
  - collect bob
---
# Come again later

Alice writes to Bob, and his server turns her letter away. Is it lost?

## Alice presses Send
*at press-send*

Her mail client gives the letter to **her own outgoing server**, which will see to the rest.

> Everything between the two hyphened lines above is for the machine; this line is for whoever tells the story.

## “Have we met?”
*at the first 451 from mx1*

Bob’s server does not know this sender yet. It says **{reply}**: not now. [RFC 5321 §4.2.1]

**Predict:** What does Alice’s server do?

- [ ] It throws the letter away
- [x] It keeps the letter and tries again
- [ ] It asks Alice

## The letter waits
*at queue deferred*

A code that begins with 4 means **for now**, so the letter stays in the **queue**. [RFC 5321 §4.5.4.1]

## Later
*at clock jumped*

{skipped} later, the server calls once more.

## “Ah, it is you again”
*at deliver accepted*

Whoever comes again is no spammer in a hurry: **{reply}**.

## Bob fetches his mail
*at collect retrieve*

It came late, and nobody had to do anything about it.

## What you now know

- **What does a code that begins with 4 mean?** Not now: try again.
- **Who keeps the letter meanwhile?** The queue of the server that wants to send it.

## Try this

Let the server greylist for 10 minutes, and count how often the letter is tried: write “wait until the queue is empty”.
`;
