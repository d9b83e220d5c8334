import Frames
import PipelineFiles
import TestSupport
import Testing

@testable import Scheduling

/// What becomes of ticks, without a database.
@Suite struct TickRulesTests {
  private static func at(_ text: String) -> Instant { Samples.instant(text) }

  /// The nightly tick of a day of June 2026, due at 02:30.
  private static func tick(_ day: Int) -> Tick {
    let date = "2026-06-\(day < 10 ? "0" : "")\(day)"
    return Tick(asOf: at(date), dueAt: at("\(date)T02:30"))
  }

  private static func open(
    _ day: Int, _ state: OpenTick.State = .waiting, origin: TickOrigin = .onTime, attempts: Int = 0,
    nextTryAt: Instant? = nil, other: OpenTick.OtherRun? = nil
  ) -> OpenTick {
    OpenTick(
      tick: tick(day), state: state, origin: origin, attempts: attempts, tries: 0,
      nextTryAt: nextTryAt, other: other)
  }

  private func decide(
    _ schedule: String, due days: [Int], open: [OpenTick] = [], lookedAt: String, now: String
  ) -> [String] {
    let pipeline = Samples.pipeline("cron: \"30 2 * * *\", \(schedule)")
    guard let schedule = pipeline.settings.schedule else { return [] }
    let decision = TickRules(schedule, zone: .utc).decide(
      due: days.map(Self.tick), open: open, lookedAt: Self.at(lookedAt), now: Self.at(now))
    return decision.entries.map { entry in
      let reason = entry.reason.map { ": \($0)" } ?? ""
      return "\(entry.tick.asOf.shortText(in: .utc).suffix(2)) "
        + (entry.isSkipped ? "skipped" : entry.origin.rawValue) + reason
    }
      + decision.overtaken.sorted { $0.key < $1.key }.map {
        "\($0.key.shortText(in: .utc).suffix(2)) overtaken: \($0.value)"
      }
  }

  @Test func `on time within five minutes`() {
    for rule in ["none", "latest", "all"] {
      #expect(
        decide(
          "catch_up: \(rule)", due: [2], lookedAt: "2026-06-02T02:29", now: "2026-06-02T02:35")
          == ["02 on_time"])
    }
  }

  @Test func `late, where nobody looked`() {
    let late = "looked at only at 2026-06-02 06:00: no scheduler was there since 2026-06-02 01:00"
    func look(_ rule: String) -> [String] {
      decide(
        "catch_up: \(rule)", due: [2], lookedAt: "2026-06-02T01:00", now: "2026-06-02T06:00")
    }
    #expect(look("latest") == ["02 late: \(late)"])
    #expect(look("all") == ["02 late: \(late)"])
    #expect(look("none") == ["02 skipped: \(late); catch_up is none"])
  }

  @Test func `after days of absence`() {
    let gone = "looked at only at 2026-06-05 06:00: no scheduler was there since 2026-06-01 00:00"
    func look(_ rule: String) -> [String] {
      decide(rule, due: [2, 3, 4, 5], lookedAt: "2026-06-01", now: "2026-06-05T06:00")
    }
    let latest = "\(gone); only the latest is caught up"
    #expect(
      look("catch_up: latest")
        == [
          "02 skipped: \(latest)", "03 skipped: \(latest)", "04 skipped: \(latest)",
          "05 late: \(gone)",
        ])
    #expect(
      look("catch_up: all")
        == [
          "02 caught_up: \(gone)", "03 caught_up: \(gone)", "04 caught_up: \(gone)",
          "05 late: \(gone)",
        ])
    #expect(
      look("catch_up: all, catch_up_limit: 2")
        == [
          "02 skipped: \(gone); catch_up_limit is 2", "03 skipped: \(gone); catch_up_limit is 2",
          "04 caught_up: \(gone)", "05 late: \(gone)",
        ])
    #expect(look("catch_up: none").allSatisfy { $0.contains("skipped") })
  }

  @Test func `the night before is still under way`() {
    let underway = Self.open(1, .underway(run: 7))
    func look(_ rule: String, _ open: OpenTick) -> [String] {
      decide(rule, due: [2], open: [open], lookedAt: "2026-06-02T02:29", now: "2026-06-02T02:30")
    }
    let skipped = ["02 skipped: run 7 for 2026-06-01 was still under way, and overlap is skip"]
    #expect(look("overlap: skip", underway) == skipped)
    #expect(look("catch_up: all", underway) == skipped)
    #expect(look("overlap: queue", underway) == ["02 on_time"])
    // Catching up does not cost another night.
    #expect(
      look("overlap: skip", Self.open(1, .underway(run: 7), origin: .caughtUp)) == ["02 on_time"])
  }

  @Test func `a night that could not begin is overtaken by the next, unless all are wanted`() {
    func look(_ rule: String, _ state: OpenTick.State) -> [String] {
      decide(
        rule, due: [2], open: [Self.open(1, state)], lookedAt: "2026-06-02T02:29",
        now: "2026-06-02T02:30")
    }
    for state in [OpenTick.State.waiting, .lost(run: 1), .parked(run: 1)] {
      let overtaken = ["02 on_time", "01 overtaken: overtaken by the run for 2026-06-02"]
      #expect(look("catch_up: latest", state) == overtaken)
      #expect(look("catch_up: none", state) == overtaken)
      #expect(look("catch_up: all", state) == ["02 on_time"])
      #expect(look("overlap: queue", state) == ["02 on_time"])
    }
  }

  @Test func `what is to be done with an open tick`() {
    let now = Self.at("2026-06-02T03:00")
    func step(_ open: OpenTick) -> OpenTick.Step { open.step(now: now, lossesAllowed: 3) }
    #expect(step(Self.open(2)) == .run)
    #expect(step(Self.open(2, .underway(run: 3))) == .wait)
    #expect(step(Self.open(2, .parked(run: 3), attempts: 9)) == .run)
    #expect(step(Self.open(2, .lost(run: 3), attempts: 2)) == .run)
    #expect(step(Self.open(2, .lost(run: 3), attempts: 3)) == .giveUp(run: 3))
    #expect(step(Self.open(2, nextTryAt: Self.at("2026-06-02T03:00:01"))) == .wait)
    #expect(step(Self.open(2, nextTryAt: Self.at("2026-06-02T03:00"))) == .run)
    #expect(step(Self.open(2, other: .init(run: 5, isUnderway: false))) == .made(run: 5))
    #expect(step(Self.open(2, other: .init(run: 5, isUnderway: true))) == .wait)
  }

  /// Whatever was found: each as-of gets one row, the latest is never lost to catching up, and no more
  /// are run than is allowed.
  @Test func `rules that hold for any absence`() {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<100 {
      let rule = ["none", "latest", "all"].randomElement(using: &random) ?? "all"
      let limit = Int.random(in: 1...5, using: &random)
      let count = Int.random(in: 1...9, using: &random)
      let pipeline = Samples.pipeline(
        "cron: \"30 2 * * *\", catch_up: \(rule), catch_up_limit: \(limit)")
      guard let schedule = pipeline.settings.schedule else { return }
      let due = (1...count).map(Self.tick)
      let delay = Int64.random(in: 0..<86_000, using: &random)
      let now = Instant(microseconds: due[count - 1].dueAt.microseconds + delay * 1_000_000)
      let decision = TickRules(schedule, zone: .utc).decide(
        due: due, open: [], lookedAt: Self.at("2026-06-01"), now: now)
      #expect(decision.entries.map(\.tick) == due)
      let kept = decision.entries.filter { !$0.isSkipped }
      switch rule {
      case "all": #expect(kept.count == min(count, limit))
      case "latest": #expect(kept.count == 1)
      default: #expect(kept.count == (delay <= 300 ? 1 : 0))
      }
      if let last = kept.last { #expect(last.tick == due[count - 1]) }
      #expect(decision.entries.allSatisfy { $0.reason != nil || $0.origin == .onTime })
    }
  }
}
