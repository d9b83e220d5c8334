/// How a connection is made. What stands in the connection string itself comes first, except for
/// the session settings.
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

  public var applicationName: String
  /// Seconds to wait for each host.
  public var connectTimeout: Int
  public var keepalives: Keepalives
  /// Further settings of the session, set after connecting.
  public var settings: [String: String]

  public init(
    applicationName: String = "roost", connectTimeout: Int = 10,
    keepalives: Keepalives = .standard, settings: [String: String] = [:]
  ) {
    self.applicationName = applicationName
    self.connectTimeout = connectTimeout
    self.keepalives = keepalives
    self.settings = settings
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

  /// Settings under which equal data reads equal: texts of times and floats have one form, and a
  /// large table is scanned from its start whatever other scans are under way.
  static let uniform: [(String, String)] = [
    ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"),
    ("extra_float_digits", "1"), ("standard_conforming_strings", "on"),
    ("synchronize_seqscans", "off"), ("client_min_messages", "warning"),
  ]
}
