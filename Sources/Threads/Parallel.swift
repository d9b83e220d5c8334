/// Does pieces of computation at the same time, as many as there are cores, without blocking calls.
/// - Returns: what became of each, in their order.
public func inParallel<Value: Sendable>(
  _ pieces: [@Sendable () throws -> Value]
) async -> [Result<Value, any Error>] {
  await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
    for (place, piece) in pieces.enumerated() {
      group.addTask { (place, Result { try piece() }) }
    }
    var results = [Result<Value, any Error>?](repeating: nil, count: pieces.count)
    for await (place, result) in group { results[place] = result }
    return results.compactMap(\.self)
  }
}
