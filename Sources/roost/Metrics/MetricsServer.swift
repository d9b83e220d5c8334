import FlyingFox
import FlyingSocks
import Foundation

/// Answers Prometheus: `GET /metrics` over HTTP.
struct MetricsServer {
  /// Where it can be asked.
  let address: String
  private let task: Task<Void, Never>

  /// Listens.
  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address of this machine.
  ///   - port: 0 for one that is free.
  /// - Throws: `CommandFailure` where it cannot listen there.
  init(host: String, port: UInt16, _ feed: MetricsFeed) async throws {
    let shownHost = host.contains(":") ? "[\(host)]" : host
    let server: HTTPServer
    do {
      server = try Self.server(host: host, port: port)
    } catch {
      throw CommandFailure(
        "--metrics-host: '\(host)' is no IP address; write 127.0.0.1 for this machine only, "
          + "0.0.0.0 or :: for all", .wrongUsage)
    }
    await server.appendRoute("GET /metrics") { _ in await Self.answer(feed) }
    let (outcomes, outcome) = AsyncStream.makeStream(of: String?.self)
    task = Task {
      do {
        try await server.run()
      } catch {
        outcome.yield(Self.reason(error))
      }
    }
    let waiting = Task {
      do {
        try await server.waitUntilListening(timeout: 30)
        outcome.yield(nil)
      } catch {
        outcome.yield("it takes too long")
      }
    }
    defer { waiting.cancel() }
    for await problem in outcomes {
      guard let problem else { break }
      task.cancel()
      throw CommandFailure(
        "metrics cannot be served at \(shownHost):\(port): \(problem); choose another --metrics-port "
          + "or --metrics-host", .stageFailed)
    }
    address = "http://\(shownHost):\(await Self.port(of: server) ?? port)/metrics"
  }

  func stop() { task.cancel() }

  private static func server(host: String, port: UInt16) throws -> HTTPServer {
    // Longer than a database needs to be found away.
    let timeout: TimeInterval = 60
    return host.contains(":")
      ? HTTPServer(
        address: try .inet6(ip6: host, port: port), timeout: timeout, logger: .disabled)
      : HTTPServer(address: try .inet(ip4: host, port: port), timeout: timeout, logger: .disabled)
  }

  private static func answer(_ feed: MetricsFeed) async -> HTTPResponse {
    do {
      return HTTPResponse(
        statusCode: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
        body: Data(try await feed.text().utf8))
    } catch {
      // Why, the scheduler's log says; who scrapes need not know where the database is.
      return HTTPResponse(
        statusCode: .serviceUnavailable, headers: [.contentType: "text/plain"],
        body: Data("the state database does not answer\n".utf8))
    }
  }

  private static func port(of server: HTTPServer) async -> UInt16? {
    switch await server.listeningAddress {
    case .ip4(_, let port), .ip6(_, let port): port
    case .unix, nil: nil
    }
  }

  private static func reason(_ error: any Error) -> String {
    if case .failed(_, _, let message) = error as? SocketError { message } else { "\(error)" }
  }
}
