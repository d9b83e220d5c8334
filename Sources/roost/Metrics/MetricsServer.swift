import Foundation

/// Answers Prometheus: `GET /metrics` over HTTP.
struct MetricsServer {
  /// Where it can be asked.
  let address: String
  private let listener: HTTPListener

  /// Listens.
  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address of this machine.
  ///   - port: 0 for one that is free.
  /// - Throws: `CommandFailure` where it cannot listen there.
  init(host: String, port: UInt16, _ feed: MetricsFeed) throws {
    let shownHost = host.contains(":") ? "[\(host)]" : host
    do throws(ListeningSocket.Trouble) {
      let socket = try ListeningSocket(host: host, port: port)
      address = "http://\(shownHost):\(socket.port)/metrics"
      listener = try HTTPListener(socket) { await Self.answer($0, feed) }
    } catch {
      switch error {
      case .noAddress:
        throw CommandFailure(
          "--metrics-host: '\(host)' is no IP address; write 127.0.0.1 for this machine only, "
            + "0.0.0.0 or :: for all", .wrongUsage)
      case .system(let code):
        throw CommandFailure(
          "metrics cannot be served at \(shownHost):\(port): \(String(cString: strerror(code))); "
            + "choose another --metrics-port or --metrics-host", .stageFailed)
      }
    }
  }

  func stop() { listener.stop() }

  private static func answer(_ request: HTTPRequestHead, _ feed: MetricsFeed) async -> HTTPAnswer {
    guard request.path == "/metrics" else { return .notFound }
    guard ["GET", "HEAD"].contains(request.method) else { return .methodNotAllowed("GET, HEAD") }
    do {
      return HTTPAnswer(
        status: 200, reason: "OK", type: "text/plain; version=0.0.4", text: try await feed.text())
    } catch {
      // Why, the scheduler's log says; who scrapes need not know where the database is.
      return HTTPAnswer(
        status: 503, reason: "Service Unavailable", text: "the state database does not answer\n")
    }
  }
}
