/// Which connections of a snapshot are idle, and who waits for one. A stage is at home at a connection
/// that holds its locks; any other may read it as a guest.
struct ReaderLending {
  private struct Waiter {
    let home: Int?
    let onlyHome: Bool
    let continuation: CheckedContinuation<Int?, Never>
  }

  private var idle: [Int] = []
  private var waiting: [Waiter] = []

  init(idle: [Int]) { self.idle = idle }

  /// An idle connection, its home if it can be.
  mutating func take(home: Int?, onlyHome: Bool) -> Int? {
    if let home, let place = idle.firstIndex(of: home) { return idle.remove(at: place) }
    return onlyHome ? nil : idle.popLast()
  }

  /// Takes a certain connection, if it is idle.
  mutating func take(_ reader: Int) -> Bool {
    guard let place = idle.firstIndex(of: reader) else { return false }
    idle.remove(at: place)
    return true
  }

  mutating func wait(
    home: Int?, onlyHome: Bool, _ continuation: CheckedContinuation<Int?, Never>
  ) {
    waiting.append(Waiter(home: home, onlyHome: onlyHome, continuation: continuation))
  }

  /// Hands a connection to who waits longest for it, or keeps it. Who is at home there comes first.
  mutating func give(back reader: Int) {
    if let place = waiting.firstIndex(where: { $0.home == reader })
      ?? waiting.firstIndex(where: { !$0.onlyHome })
    {
      waiting.remove(at: place).continuation.resume(returning: reader)
    } else {
      idle.append(reader)
    }
  }

  /// Sends all who wait away.
  mutating func close() {
    for waiter in waiting { waiter.continuation.resume(returning: nil) }
    waiting = []
    idle = []
  }
}
