import Foundation
import TestSupport
import Testing

@testable import MemoryEngine

@Suite struct QuintilesTests {
  @Test func `ten different values fill the five scores`() {
    let values = (1...10).map { Double?(Double($0)) }
    let quintiles = Quintiles(fitting: values)
    // select percentile_disc(array[.2, .4, .6, .8]) within group (order by v)
    //   from generate_series(1, 10) v;
    #expect(quintiles.breaks == [2, 4, 6, 8])
    #expect(quintiles.scores(values) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    let recency = Quintiles(fitting: values, direction: .lowerIsBetter)
    #expect(recency.scores(values) == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1])
  }

  @Test func `equal values stay together`() {
    // Most customers have one order.
    let values: [Double?] = [1, 1, 1, 1, 1, 1, 1, 2, 3, 9]
    let quintiles = Quintiles(fitting: values)
    #expect(quintiles.breaks == [1, 1, 1, 2])
    #expect(quintiles.scores(values) == [1, 1, 1, 1, 1, 1, 1, 4, 5, 5])
  }

  @Test func `missing values have no score and do not count`() {
    let quintiles = Quintiles<Double>(fitting: [nil, 1, 2, .nan, 3, 4, 5, nil])
    #expect(quintiles.breaks == [1, 2, 3, 4])
    #expect(quintiles.scores([nil, .nan, 0, 3, 99]) == [nil, nil, 1, 3, 5])
    let none = Quintiles<Double>(fitting: [nil, nil])
    #expect(none.breaks.isEmpty && none.score(nil) == nil)
  }

  @Test(arguments: 0..<20) func `breaks reach their share`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let values = (0..<Int.random(in: 1...40, using: &random)).map { _ in
      Double(Int.random(in: 0...9, using: &random))
    }
    let quintiles = Quintiles(fitting: values)
    for (index, value) in quintiles.breaks.enumerated() {
      let wanted = (index + 1) * values.count
      #expect(values.count { $0 <= value } * 5 >= wanted)
      #expect(values.count { $0 < value } * 5 < wanted)
    }
  }
}
