/// How a connection is made. What stands in the connection string itself comes first, except for
/// the settings.
public struct ConnectionOptions: Sendable, Hashable {
  /// TCP keepalives in seconds: a dead peer is noticed after `idle + interval * count`.
  public struct Keepalives: Sendable, Hashable {
    public var idle: Int
    public var interval: Int
    public var count: Int

    public init(idle: Int, interval: Int, count: Int) {
      self.idle = idle
      self.interval = interval
      self.count = count
    }

    /// Noticed within a minute.
    public static let standard = Keepalives(idle: 30, interval: 10, count: 3)
    /// Noticed within ten seconds: for a session whose end means something, such as a lock.
    public static let quick = Keepalives(idle: 4, interval: 2, count: 3)
  }

  /// For how long a connection's settings hold.
  public enum Scope: Sendable, Hashable {
    /// From connecting on: for a session that is ours alone.
    case session
    /// Within each transaction. Behind a pooler that lends a session for one transaction, a setting of
    /// the session would be the next one's.
    case transaction
  }

  public var applicationName: String
  /// Seconds to wait for each host.
  public var connectTimeout: Int
  public var keepalives: Keepalives
  /// Settings beside those that all of Roost's sessions have.
  public var settings: [String: String]
  public var scope: Scope
  /// For how long `patiently` tries to get a lock.
  public var lockPatience: Swift.Duration

  public init(
    applicationName: String = "roost", connectTimeout: Int = 10,
    keepalives: Keepalives = .standard, settings: [String: String] = [:], scope: Scope = .session,
    lockPatience: Swift.Duration = .zero
  ) {
    self.applicationName = applicationName
    self.connectTimeout = connectTimeout
    self.keepalives = keepalives
    self.settings = settings
    self.scope = scope
    self.lockPatience = lockPatience
  }

  /// Keywords that the connection string may override.
  var defaults: [(String, String)] {
    [
      ("application_name", applicationName),
      ("connect_timeout", String(connectTimeout)),
      ("keepalives", "1"),
      ("keepalives_idle", String(keepalives.idle)),
      ("keepalives_interval", String(keepalives.interval)),
      ("keepalives_count", String(keepalives.count)),
    ]
  }

  /// What lets the server, too, notice that this side is gone, so that it lets locks and snapshots go.
  var serverKeepalives: [(String, String)] {
    [
      ("tcp_keepalives_idle", String(keepalives.idle)),
      ("tcp_keepalives_interval", String(keepalives.interval)),
      ("tcp_keepalives_count", String(keepalives.count)),
    ]
  }
}
