/** What the loss of one endpoint did to the clients of an `ip_hash` Service. */
export interface HashLoss {
  readonly clients: number;
  /** Clients of the endpoint that went: all of them have to move. */
  readonly orphans: number;
  /** Clients of other endpoints that moved although theirs stayed. */
  readonly needlesslyMoved: number;
  /** Clients that were not where they had been once the endpoint was back. */
  readonly notReturned: number;
}

type Placement = ReadonlyMap<string, string>;

/** Compares who served each client before the loss of `lost`, after it, and when it was back. */
export function compareLoss(
  lost: string,
  placements: { readonly before: Placement; readonly without: Placement; readonly back: Placement },
): HashLoss {
  const { before, without, back } = placements;
  const clients = [...before.keys()];
  const moved = clients.filter((client) => without.get(client) !== before.get(client));
  return {
    clients: clients.length,
    orphans: clients.filter((client) => before.get(client) === lost).length,
    needlesslyMoved: moved.filter((client) => before.get(client) !== lost).length,
    notReturned: clients.filter((client) => back.get(client) !== before.get(client)).length,
  };
}
