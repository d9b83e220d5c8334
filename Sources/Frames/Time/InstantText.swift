extension Instant {
  /// The instant as Postgres reads it, in UTC: `2026-06-20 16:00:00+00`.
  public var sqlText: String { text(in: .utc) + "+00" }

  /// The instant as programs read it, in UTC: `2026-06-20T16:00:00Z` (RFC 3339, section 5.6).
  public var rfc3339: String { text(in: .utc).replacing(" ", with: "T") + "Z" }

  /// The same, in a zone's local time: `2026-06-21T00:00:00+08:00`.
  public func rfc3339(in zone: CalendarZone) -> String {
    offsetText(in: zone).replacing(" ", with: "T")
  }

  /// Local date and time with the zone's offset then: `2026-06-21 00:00:00+08:00`.
  public func offsetText(in zone: CalendarZone) -> String {
    let whole = microseconds.flooredDivision(by: 1_000_000) * 1_000_000
    let minutes = (zone.local(whole) - whole) / 60_000_000
    let sign = minutes < 0 ? "-" : "+"
    let text = Instant(microseconds: whole).text(in: zone)
    return text + sign + Self.pad(Int(abs(minutes) / 60)) + ":" + Self.pad(Int(abs(minutes) % 60))
  }

  /// Local date and time, with seconds and with microseconds where there are any.
  public func text(in zone: CalendarZone) -> String {
    let local = zone.local(microseconds)
    let day = local.flooredDivision(by: Self.microsecondsPerDay)
    let (year, month, date) = CivilDate(days: day).components
    let rest = local - day * Self.microsecondsPerDay
    let seconds = rest / 1_000_000
    var text =
      "\(Self.pad(year, 4))-\(Self.pad(month))-\(Self.pad(date)) "
      + "\(Self.pad(Int(seconds / 3600))):\(Self.pad(Int(seconds / 60 % 60))):\(Self.pad(Int(seconds % 60)))"
    if rest % 1_000_000 != 0 { text += "." + Self.pad(Int(rest % 1_000_000), 6) }
    return text
  }

  /// Local date and time without what is zero: `2026-06-21`, `2026-06-21 09:30`.
  public func shortText(in zone: CalendarZone) -> String {
    var text = text(in: zone)
    if text.hasSuffix(" 00:00:00") { return String(text.dropLast(9)) }
    if text.hasSuffix(":00") { text.removeLast(3) }
    return text
  }

  /// Reads `2026-06-21`, `2026-06-21 09:30[:15]` or with a `T`, in a zone; or with `Z` or an offset
  /// such as `+08:00` at its end.
  public init?(_ text: String, in zone: CalendarZone) {
    let pattern =
      /(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?/
    guard let match = try? pattern.wholeMatch(in: text) else { return nil }
    func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
    let (year, month, day) = (number(match.1), number(match.2), number(match.3))
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    let date = CivilDate(year: year, month: month, day: day)
    guard date.components == (year, month, day), hour < 24, minute < 60, second < 60 else {
      return nil
    }
    let fraction = match.7.map { number($0 + String(repeating: "0", count: 6 - $0.count)) } ?? 0
    let local =
      date.days * Self.microsecondsPerDay
      + Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(fraction)
    guard let offset = match.8 else {
      // A midnight that does not exist is the start of its day.
      self.init(
        microseconds: match.4 == nil
          ? zone.start(of: date).microseconds : zone.instant(local: local))
      return
    }
    if offset == "Z" {
      self.init(microseconds: local)
      return
    }
    let digits = offset.dropFirst().filter(\.isNumber)
    let minutes = number(digits.prefix(2)) * 60 + number(digits.dropFirst(2))
    let sign: Int64 = offset.first == "-" ? 1 : -1
    self.init(microseconds: local + sign * Int64(minutes) * 60_000_000)
  }

  private static func pad(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(abs(number))
    let zeros = String(repeating: "0", count: max(0, width - digits.count))
    return (number < 0 ? "-" : "") + zeros + digits
  }
}
