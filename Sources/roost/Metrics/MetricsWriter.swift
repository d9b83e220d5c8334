import Foundation

/// Keeps a file of figures as they are: written each minute and after each run.
actor MetricsWriter {
  private let file: MetricsFile
  private let feed: MetricsFeed
  private let say: @Sendable (String) -> Void
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation
  /// What was said last of a file that is not up to date.
  private var trouble: String?

  init(_ file: MetricsFile, _ feed: MetricsFeed, say: @escaping @Sendable (String) -> Void) {
    self.file = file
    self.feed = feed
    self.say = say
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Writes it for the first time.
  /// - Throws: `CommandFailure` where the file cannot be written, and what the database says.
  func begin() async throws { try file.write(try await feed.text()) }

  /// Writes it soon.
  nonisolated func touch() { wake.yield() }

  /// Goes on until its task is cancelled.
  func run() async {
    let ticker = Task { [wake] in
      while true {
        try await Task.sleep(for: .seconds(60))
        wake.yield()
      }
    }
    for await _ in wakes { await write() }
    ticker.cancel()
  }

  /// Writes it; what stands in the way is said once.
  func write() async {
    do {
      try file.write(try await feed.text())
      if trouble != nil { say("\(file.path) is written again") }
      trouble = nil
    } catch {
      let message =
        (error as? CommandFailure)?.description ?? "\(file.path) stays as it is: \(error)"
      if trouble != message { say(message) }
      trouble = message
    }
  }
}
