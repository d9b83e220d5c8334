import PipelineFiles
import PostgresClient
import Relations
import Testing

@testable import Runs

@Suite struct RetryPolicyTests {
  @Test func `pauses double, stay below the longest, and half of each is chance`() {
    let policy = RetryPolicy(.preset)
    for tries in 1...40 {
      let whole = min(2 * Double(1 << min(tries - 1, 20)), 300)
      #expect(policy.pause(after: tries, chance: 1) == .seconds(whole))
      #expect(policy.pause(after: tries, chance: 0) == .seconds(whole / 2))
      let pause = policy.pause(after: tries)
      #expect(pause >= .seconds(whole / 2) && pause <= .seconds(whole))
    }
  }

  @Test(arguments: [
    ("40001", true), ("40P01", true), ("53300", true), ("57P01", true), ("57P03", true),
    ("58030", true), ("55P03", true), ("08006", true),
    ("42P01", false), ("22012", false), ("23505", false), ("28P01", false), ("57014", false),
    ("57P04", false), ("42501", false),
  ]) func `whether an error can pass follows from its SQLSTATE`(state: String, canPass: Bool) {
    let error = PostgresError(.statement, "no", sqlState: state)
    #expect(RetryPolicy.canPass(error) == canPass)
  }

  @Test func `a lost connection can pass, a stage's own failure and a cancellation cannot`() {
    #expect(RetryPolicy.canPass(PostgresError(.connectionLost, "gone")))
    #expect(RetryPolicy.canPass(PostgresError(.cannotConnect, "refused")))
    #expect(!RetryPolicy.canPass(PostgresError(.cancelled, "cancelled")))
    #expect(!RetryPolicy.canPass(PostgresError(.data(column: nil, row: nil), "wrong")))
    #expect(!RetryPolicy.canPass(StageFailure("3 rows repeat the key")))
    #expect(!RetryPolicy.canPass(CancellationError()))
  }
}
