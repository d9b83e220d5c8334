import Frames

/// Times, with the zone written out wherever Postgres would take the session's.
extension PostgresGrammar {
  /// The local time of an instant.
  func local(_ instant: SQLTerm, _ spelling: SQLSpelling) -> SQLTerm {
    .compound("\(instant.nested) at time zone \(quoted(spelling.zone.name))")
  }

  /// The instant of a local time.
  func instant(ofLocal time: SQLTerm, _ spelling: SQLSpelling) -> SQLTerm {
    .compound("\(time.nested) at time zone \(quoted(spelling.zone.name))")
  }

  /// The calendar day of a time.
  func day(_ time: SQLTerm, _ type: ColumnType, _ spelling: SQLSpelling) -> SQLTerm {
    switch type {
    case .date: time
    case .timestamptz: cast(local(time, spelling), to: .date)
    default: cast(time, to: .date)
    }
  }

  func asOfDay(_ spelling: SQLSpelling) -> SQLTerm {
    if case .instant(let instant) = spelling.asOf {
      return literal(.integer(Int128(spelling.zone.day(of: instant).days)), .date)
    }
    return day(asOf(spelling.asOf), .timestamptz, spelling)
  }

  func cast(_ call: PrintedCall) throws(Inexpressible) -> SQLTerm {
    let (value, spelling) = (call.arguments[0], call.spelling)
    switch (call.id.takes[0], call.type) {
    case (.timestamptz, .timestamp): return local(value, spelling)
    case (.timestamptz, .date): return day(value, .timestamptz, spelling)
    case (.timestamp, .timestamptz): return instant(ofLocal: value, spelling)
    case (.date, .timestamptz): return instant(ofLocal: cast(value, to: .timestamp), spelling)
    case (.timestamptz, .text) where !spelling.isZoneOfSession:
      throw Inexpressible("an instant as text")
    case (.text, .timestamptz) where !spelling.isZoneOfSession:
      throw Inexpressible("a text as an instant")
    default: return cast(value, to: call.type)
    }
  }

  func arithmetic(_ op: BinaryOperator, _ call: PrintedCall) throws(Inexpressible) -> SQLTerm {
    let plain = infix(call.arguments, op.rawValue)
    guard call.type == .timestamptz else { return plain }
    let timeFirst = call.id.takes[0] == .timestamptz
    guard case .constant(let value) = call.nodes[timeFirst ? 1 : 0].operation else {
      if call.spelling.isZoneOfSession { return plain }
      throw Inexpressible("an instant and an interval that is no literal")
    }
    guard case .interval(let interval) = value.literal else { return plain }
    return moved(call.arguments[timeFirst ? 0 : 1], by: interval, op.rawValue, call.spelling)
  }

  /// Months and days move the local time, one after the other; hours move the instant.
  private func moved(
    _ instant: SQLTerm, by interval: IntervalValue, _ sign: String, _ spelling: SQLSpelling
  ) -> SQLTerm {
    func move(_ time: SQLTerm, _ part: IntervalValue) -> SQLTerm {
      infix([time, literal(.interval(part), .interval)], sign)
    }
    var time = instant
    let ofDays = [
      IntervalValue(months: interval.months), IntervalValue(days: interval.days),
    ]
    for part in ofDays where part != IntervalValue() {
      time = self.instant(ofLocal: move(local(time, spelling), part), spelling)
    }
    let rest = IntervalValue(microseconds: interval.microseconds)
    return rest == IntervalValue() && interval != rest ? time : move(time, rest)
  }
}
