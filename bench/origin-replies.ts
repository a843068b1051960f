/** What the origin answers; the same whichever program plays it. */

/** Bytes of the replies that are not the small one. */
export const sizes: Readonly<Record<string, number>> = { '/64k': 64 * 1024, '/1m': 1024 * 1024 };

/** On this path the origin answers `X-Forwarded-For|X-Forwarded-Proto|Host` as it got them. */
export const forwardedPath = '/bench/forwarded';

/** Before the path of a reply that caches may keep for ten minutes. Each such reply has a {@link madeField} of its own. */
export const keptPrefix = '/kept';

/** Tells replies apart: who answers twice with the same one has kept it. */
export const madeField = 'x-made';

/** A JSON document of exactly 1 KiB. */
export const smallReply = kibibyteOfJson();

function kibibyteOfJson(): string {
  const document = {
    page: 1,
    orders: Array.from({ length: 10 }, (_, index) => order(90_000 + index)),
    note: '',
  };
  const room = 1024 - JSON.stringify(document).length;
  return JSON.stringify({ ...document, note: '.'.repeat(room) });
}

function order(id: number): object {
  return { id, status: 'shipped', total: 4250, currency: 'EUR', placedAt: '2026-11-02T09:41:00Z' };
}
