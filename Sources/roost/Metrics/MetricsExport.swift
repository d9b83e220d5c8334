import ArgumentParser
import PostgresClient

/// Where a scheduler puts figures about runs.
struct MetricsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write figures for Prometheus to this file, each minute and after each run.",
      valueName: "file"))
  var metricsFile: String?

  @Option(
    help: ArgumentHelp(
      "Answer GET /metrics on this port; 0 for one that is free.", valueName: "port"))
  var metricsPort: UInt16?

  @Option(
    help: ArgumentHelp(
      "The address to listen on, such as 0.0.0.0 for all; 127.0.0.1 when left out.",
      valueName: "address"))
  var metricsHost: String?

  func validate() throws {
    if metricsHost != nil, metricsPort == nil {
      throw ValidationError("--metrics-host needs --metrics-port")
    }
  }
}

/// The figures that a scheduler gives away for as long as it runs: a file, a port, both or none.
struct MetricsExport {
  private let writer: MetricsWriter?
  private let server: MetricsServer?
  private let writing: Task<Void, Never>?

  /// Writes the file and listens.
  /// - Throws: `CommandFailure` where one of them is not possible, and what the database says.
  init(
    _ options: MetricsOptions, _ database: ConnectionString,
    say: @escaping @Sendable (String) -> Void
  ) async throws {
    let feed = MetricsFeed(database)
    let writer = options.metricsFile.map { MetricsWriter(MetricsFile(path: $0), feed, say: say) }
    try await writer?.begin()
    self.writer = writer
    if let port = options.metricsPort {
      let server = try MetricsServer(
        host: options.metricsHost ?? "127.0.0.1", port: port, feed)
      say("metrics at \(server.address)")
      self.server = server
    } else {
      server = nil
    }
    writing = writer.map { writer in Task { await writer.run() } }
  }

  /// Something changed.
  func touch() { writer?.touch() }

  /// Writes the file for the last time.
  func end() async {
    server?.stop()
    writing?.cancel()
    await writing?.value
    await writer?.write()
  }
}
