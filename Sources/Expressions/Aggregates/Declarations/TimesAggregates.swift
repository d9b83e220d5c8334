import Frames

/// Aggregates of the times of rows alone.
extension Aggregate {
  static let ofTimes: [Aggregate] = [
    gaps(
      "avg_gap_days",
      "The mean of the elapsed days (24 hours) from one row to the next by the relation's time, "
        + "(max - min) / (rows - 1), as float8; null for fewer than two rows.", .meanGap
    ) { rows in
      let (most, least) = (
        rows.call("max", rows.time, where: [rows.hasTime]),
        rows.call("min", rows.time, where: [rows.hasTime])
      )
      let count = rows.call("count", SQLTerm("*"), where: [rows.hasTime])
      let days = rows.elapsed("\(most.text) - \(least.text)", in: Instant.microsecondsPerDay)
      return .compound("\(days) / nullif(\(count.text) - 1, 0)::double precision")
    },
    gaps(
      "stddev_gap_days",
      "The standard deviation of a sample, stddev_samp, of the elapsed days from one row to the next, "
        + "as float8; null for fewer than three rows.", .gapDeviation
    ) { rows in rows.query("select stddev_samp(g) from (\(gaps(of: rows))) g") },
    gaps(
      "gap_variation",
      "How irregular the rows come, the coefficient of variation: stddev_gap_days() / "
        + "avg_gap_days(); null for fewer than three rows, and if all have one time.",
      .gapVariation
    ) { rows in
      rows.query("select stddev_samp(g) / nullif(avg(g), 0) from (\(gaps(of: rows))) g")
    },
    Aggregate(
      "longest_streak",
      "The most consecutive calendar days, weeks (from Monday) or months with a row each, in the "
        + "pipeline's time zone: longest_streak('week'); 0 if there are no rows.",
      .times, [.looksAtTime, .counts], literal: CalendarPeriod.self, result: { _ in .int8 },
      states: { period, _ in
        .ofTimes { rows, _ in TimesState(latestFirst: rows.periods(period), .longestStreak) }
      },
      postgres: { period, rows in
        rows.query("select coalesce(max(length), 0) from (\(streaks(of: period, rows))) s")
      }),
    Aggregate(
      "current_streak",
      "The consecutive calendar days, weeks or months with a row each that lead up to the as-of; its "
        + "own, which is not over, is counted if it has a row and breaks nothing if it has none: "
        + "current_streak('day').",
      .times, [.looksAtTime, .counts, .dependsOnAsOf], literal: CalendarPeriod.self,
      result: { _ in .int8 },
      states: { period, _ in
        .ofTimes { rows, _ in
          TimesState(
            latestFirst: rows.periods(period), .currentStreak(period.number(of: rows.times.today)))
        }
      },
      postgres: { period, rows in
        let now = rows.number(of: period, rows.localNow)
        return rows.query(
          """
          select coalesce(max(length), 0) from (\(streaks(of: period, rows, until: now))) s \
          where last >= \(now) - 1
          """)
      }),
    Aggregate(
      "hour_share",
      "The share of rows whose local hour is from the first on and before the second, over midnight "
        + "if that is less, as float8; null if there are no rows: hour_share(22, 6).",
      .times, .looksAtTime, literal: Hours.self, result: { _ in .float8 },
      states: { hours, _ in
        .ofTimes { rows, count in rows.share(count) { hours.contains(rows.times.hour(of: $0)) } }
      },
      postgres: { hours, rows in
        let hour = "extract(hour from \(rows.local(rows.time).text))"
        let word = hours.start < hours.end ? "and" : "or"
        return share(of: "\(hour) >= \(hours.start) \(word) \(hour) < \(hours.end)", rows)
      }),
    Aggregate(
      "weekend_share",
      "The share of rows on a Saturday or Sunday of the pipeline's time zone, as float8; null if "
        + "there are no rows.",
      .times, .looksAtTime, result: { _ in .float8 },
      states: { _ in
        .ofTimes { rows, count in
          // Day 0, 2000-01-01, was a Saturday.
          rows.share(count) { time in
            let days = rows.times.day(of: time).days
            return days - days.flooredDivision(by: 7) * 7 < 2
          }
        }
      },
      postgres: { rows in
        share(of: "extract(isodow from \(rows.local(rows.time).text)) >= 6", rows)
      }),
    sessions(
      "sessions",
      "The number of sessions: a new one begins with a row that is more than the gap after the row "
        + "before: sessions('30 minutes').", .counts, .int8, { .sessions($0) }, "count(*)"),
    sessions(
      "avg_session_minutes",
      "The mean of the sessions' minutes from first to last row, 0 for a session of one row, as "
        + "float8; null if there are no rows: avg_session_minutes('30 minutes').", [], .float8,
      { .sessionMinutes($0) }, "avg(minutes)"),
    sessions(
      "avg_session_depth",
      "The mean number of rows of a session, as float8; null if there are no rows: "
        + "avg_session_depth('30 minutes').", [], .float8, { .sessionDepth($0) },
      "avg(depth::double precision)"),
    sessions(
      "bounce_rate",
      "The share of sessions of one row, as float8; null if there are no rows: "
        + "bounce_rate('30 minutes').", [], .float8, { .bounceRate($0) },
      "avg((depth = 1)::integer::double precision)"),
  ]

  // MARK: Gaps

  private static func gaps(
    _ name: String, _ about: String, _ measure: TimesMeasure,
    _ postgres: @escaping @Sendable (PostgresRows) -> SQLTerm
  ) -> Aggregate {
    Aggregate(
      name, about, .times, .looksAtTime, result: { _ in .float8 },
      states: { _ in
        .ofTimes { rows, _ in TimesState(latestFirst: rows.latestFirst, measure) }
      },
      postgres: { rows in postgres(rows) })
  }

  /// The days from each row to the next, as `g`.
  private static func gaps(of rows: PostgresRows) -> String {
    let days = rows.elapsed("t - lag(t) over (order by t)", in: Instant.microsecondsPerDay)
    return "select \(days) as g from \(rows.times)"
  }

  // MARK: Streaks

  /// Periods with rows that follow each other: each streak's length and last period. Those of one streak
  /// are as far from their row numbers.
  private static func streaks(
    of period: CalendarPeriod, _ rows: PostgresRows, until now: String? = nil
  ) -> String {
    let number = rows.number(of: period, rows.local(SQLTerm("t")))
    let periods = "select distinct \(number) as p from \(rows.times)"
    return """
      select count(*) as length, max(p) as last from (\
      select p, p - row_number() over (order by p) as island from (\(periods)) p\
      \(now.map { " where p <= \($0)" } ?? "")) i group by island
      """
  }

  // MARK: Shares

  private static func share(of condition: String, _ rows: PostgresRows) -> SQLTerm {
    rows.call(
      "avg", SQLTerm("(\(condition))::integer::double precision"), where: [rows.hasTime])
  }

  // MARK: Sessions

  private static func sessions(
    _ name: String, _ about: String, _ traits: Traits, _ type: ColumnType,
    _ measure: @escaping @Sendable (Int64) -> TimesMeasure, _ postgres: String
  ) -> Aggregate {
    Aggregate(
      name, about, .times, traits.union(.looksAtTime), literal: ElapsedTime.self,
      result: { _ in type },
      states: { gap, _ in
        .ofTimes { rows, _ in
          TimesState(latestFirst: rows.latestFirst, measure(gap.microseconds))
        }
      },
      postgres: { gap, rows in
        let minutes = rows.elapsed("max(t) - min(t)", in: 60_000_000)
        return rows.query(
          """
          select \(postgres) from (select count(*) as depth, \(minutes) as minutes from (\
          select t, count(*) filter (where g is null or g > \(rows.interval(gap))) \
          over (order by t, n) as session from (\
          select t, n, t - lag(t) over (order by t, n) as g \
          from (select t, row_number() over (order by t) as n from \(rows.times)) n) g) e \
          group by session) d
          """)
      })
  }
}

extension TimedRows {
  /// The state of the share of times for which something is true.
  func share(_ groupCount: Int, _ isCounted: (Int64) -> Bool) -> ShareState {
    ShareState(
      groups.indices.map { groups[$0] >= 0 && isCounted(times.microseconds[$0]) }, groups,
      groupCount)
  }
}
