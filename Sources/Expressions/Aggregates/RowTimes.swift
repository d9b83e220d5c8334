import Frames

/// The finite times of rows.
struct RowTimes: Sendable {
  /// Microseconds: of elapsed time for instants, of local time for the others.
  let microseconds: [Int64]
  /// Whether a row has a time, neither null nor infinite.
  let isFinite: [Bool]
  /// That of instants; times without one are local already.
  private let zone: CalendarZone
  /// The day of the as-of.
  let today: CivilDate
  /// The as-of as `microseconds` has it.
  let now: Int64

  init(_ times: Vector, _ context: EvaluationContext) {
    let scale = times.type == .date ? Instant.microsecondsPerDay : 1
    var microseconds: [Int64] = []
    var isFinite: [Bool] = []
    let lane = times.int64s
    for row in 0..<times.column.count {
      let time = lane.values[row &* lane.stride]
      let (product, overflow) = time.multipliedReportingOverflow(by: scale)
      let counts = !times.isNull(row) && time != .min && time != .max && !overflow
      microseconds.append(counts ? product : 0)
      isFinite.append(counts)
    }
    self.microseconds = microseconds
    self.isFinite = isFinite
    zone = times.type == .timestamptz ? context.zone : .utc
    today = context.zone.day(of: context.asOf)
    now =
      times.type == .timestamptz
      ? context.asOf.microseconds : context.zone.local(context.asOf.microseconds)
  }

  /// Groups without the rows that have no time.
  func groups(_ groups: [Int32]) -> [Int32] {
    groups.indices.map { isFinite[$0] ? groups[$0] : -1 }
  }

  /// The day of a time as `microseconds` has it.
  func day(of time: Int64) -> CivilDate { zone.day(of: Instant(microseconds: time)) }

  /// The hour of the day of a time as `microseconds` has it, from 0 to 23.
  func hour(of time: Int64) -> Int {
    let local = zone.local(time)
    let midnight =
      local.flooredDivision(by: Instant.microsecondsPerDay) * Instant.microsecondsPerDay
    return Int((local - midnight) / 3_600_000_000)
  }
}
