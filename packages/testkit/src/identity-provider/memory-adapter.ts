/** What the provider keeps of a token, a session, … */
type Payload = Record<string, unknown>;

/** Where the provider keeps things of one kind. */
interface Adapter {
  upsert(id: string, payload: Payload): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(): Promise<undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** A memory for providers, which one that takes the place of another finds as it was. */
export function memoryAdapter(): (kind: string) => Adapter {
  const stored = new Map<string, Payload>();
  return (kind) => {
    const keyOf = (id: string): string => `${kind} ${id}`;
    return {
      upsert: async (id, payload) => void stored.set(keyOf(id), payload),
      find: async (id) => stored.get(keyOf(id)),
      findByUid: async (uid) => [...stored.values()].find((payload) => payload['uid'] === uid),
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const payload = stored.get(keyOf(id));
        if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void stored.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of stored) if (payload['grantId'] === grantId) stored.delete(key);
      },
    };
  };
}
