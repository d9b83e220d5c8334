import Foundation
import Frames
import PipelineFiles
import PostgresClient
import State

/// What became of alerts that were due.
public struct Deliveries: Sendable, Hashable {
  public var delivered: [String] = []
  /// What went wrong, each with whether it is tried again.
  public var troubles: [String] = []

  public init() {}

  public var isEmpty: Bool { delivered.isEmpty && troubles.isEmpty }

  public var lines: [String] {
    delivered.map { "told: \($0)" } + troubles.map { "could not tell: \($0)" }
  }
}

/// Delivers alerts.
public protocol Courier: Sendable {
  /// Delivers what is due. Never fails: what cannot be delivered is tried again later.
  func deliver(now: Instant) async -> Deliveries
  /// Tells at once, without the outbox, because that cannot be reached.
  func tell(_ alert: NewAlert) async
}

/// Takes alerts out of the outbox. Any number of couriers may do so at once; each alert is in the
/// hands of one, whose transaction holds it.
public struct AlertCourier: Courier {
  private let settings: AlertSettings
  private let database: ConnectionString
  private let host = ProcessInfo.processInfo.hostName
  private let backoff = Backoff(first: 30, longest: 3600)
  /// After so many tries, spread over more than a day, nobody is told.
  static let mostAttempts = 32
  /// What is older and was never tried happened when nobody was to be told.
  private static let oldest = Span.days(1)

  public init(_ settings: AlertSettings, _ database: ConnectionString) {
    self.settings = settings
    self.database = database
  }

  public func deliver(now: Instant) async -> Deliveries {
    var deliveries = Deliveries()
    do {
      let state = try await StateDatabase.open(database)
      try await leaveOut(now, state.connection)
      var pass = Pass()
      while let step = try await next(now, pass, state.connection) {
        if let told = step.told { deliveries.delivered.append(told) }
        deliveries.troubles += step.troubles
        pass.latest = step.alert
        pass.slow.formUnion(step.slow)
      }
      await state.close()
    } catch {
      deliveries.troubles.append("\(error)")
    }
    return deliveries
  }

  public func tell(_ alert: NewAlert) async {
    let alert = Alert(
      id: 0, kind: alert.kind, subject: alert.subject, message: alert.message,
      pipeline: alert.pipeline, environment: alert.environment, asOf: alert.asOf, zone: alert.zone,
      run: alert.run, raisedAt: SystemClock().now, host: host)
    let ways = settings.kinds.contains(alert.kind) ? settings.ways : []
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        for way in ways { try? way.send(alert) }
        continuation.resume()
      }
    }
  }

  /// What a pass through the outbox has found so far.
  private struct Pass: Sendable {
    /// The alert that was looked at last.
    var latest = 0
    /// Ways that do not answer: each is waited for once, however many alerts there are.
    var slow: Set<String> = []
  }

  private struct Step: Sendable {
    let alert: Int
    var told: String?
    var troubles: [String] = []
    var slow: Set<String> = []
  }

  /// A way that failed after this time did not answer.
  var slowness = Swift.Duration.seconds(5)

  /// Settles at once all that nobody is to be told: what was never tried and is old, and kinds that are not wanted.
  /// What another courier has in hand stays.
  private func leaveOut(_ now: Instant, _ connection: PostgresConnection) async throws {
    let earliest = Instant(microseconds: now.microseconds - Self.oldest.nominalMicroseconds)
    try await connection.execute(
      """
      UPDATE roost.alerts SET state = 'unwanted' WHERE alert_id IN (
        SELECT alert_id FROM roost.alerts
        WHERE state = 'pending' AND attempts = 0 AND (raised_at <= $1 OR kind <> ALL ($2))
        FOR UPDATE SKIP LOCKED)
      """, [.instant(earliest), .texts(settings.kinds.map(\.rawValue))])
  }

  /// Delivers the first alert that is due; nil where there is none. The connection's thread waits for
  /// the outside world meanwhile, and the transaction keeps other couriers away from the alert.
  private func next(
    _ now: Instant, _ pass: Pass, _ connection: PostgresConnection
  ) async throws -> Step? {
    let (settings, host, backoff, slowness) = (settings, host, backoff, slowness)
    return try await connection.transaction { database in
      let rows = try database.query(
        """
        SELECT \(Alert.columns) FROM roost.alerts
        WHERE state = 'pending' AND (next_try_at IS NULL OR next_try_at <= $1) AND alert_id > $2
        ORDER BY alert_id LIMIT 1 FOR UPDATE SKIP LOCKED
        """, [.instant(now), Parameter(pass.latest)])
      guard let row = rows.first else { return nil }
      let id = try row.int("alert_id")
      let attempts = try row.int("attempts") + 1
      guard let alert = try Alert(row, host: host), settings.kinds.contains(alert.kind),
        !settings.ways.isEmpty,
        attempts > 1
          || now.microseconds - alert.raisedAt.microseconds < Self.oldest.nominalMicroseconds
      else {
        try database.execute(
          "UPDATE roost.alerts SET state = 'unwanted' WHERE alert_id = $1", [Parameter(id)])
        return Step(alert: id)
      }
      var delivered = try Self.names(row)
      var step = Step(alert: id)
      let left = settings.ways.filter { !delivered.contains($0.name) }
      let tried = left.filter { !pass.slow.contains($0.name) }
      // Its turn comes with the next pass.
      if tried.isEmpty, !left.isEmpty { return step }
      for way in tried {
        let began = ContinuousClock.now
        do {
          try way.send(alert)
          delivered.append(way.name)
        } catch {
          if ContinuousClock.now - began > slowness { step.slow.insert(way.name) }
          let again = attempts < Self.mostAttempts ? "tried again later" : "given up"
          step.troubles.append("\(alert.headline) by \(way.name): \(error); \(again)")
        }
      }
      let isDone = settings.ways.allSatisfy { delivered.contains($0.name) }
      if isDone { step.told = alert.headline }
      let state = isDone ? "delivered" : attempts < Self.mostAttempts ? "pending" : "undeliverable"
      try database.execute(
        """
        UPDATE roost.alerts SET state = $2, delivered = $3, attempts = $4, next_try_at = $5,
          trouble = $6 WHERE alert_id = $1
        """,
        [
          Parameter(id), .text(state), .texts(delivered), Parameter(attempts),
          isDone ? .null : .instant(backoff.next(after: now, failures: attempts)),
          Parameter(step.troubles.first),
        ])
      return step
    }
  }

  private static func names(_ row: Row) throws -> [String] {
    guard case .array(let values) = JSONValue(parsing: try row.string("delivered")) else {
      return []
    }
    return values.compactMap(\.string)
  }
}
