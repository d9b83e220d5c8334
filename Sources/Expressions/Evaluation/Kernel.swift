import Diagnostics
import Frames

/// What a call does with the values of its arguments.
struct Kernel: Sendable {
  typealias Body = @Sendable ([Vector], Invocation) throws(EvaluationError) -> Vector

  /// Whether no row can make it fail, so that it may be evaluated for rows that do not need it.
  let isInfallible: Bool
  /// Whether it reads the as-of instant.
  var readsAsOf = false
  let run: Body

  static func infallible(_ run: @escaping Body) -> Kernel {
    Kernel(isInfallible: true, run: run)
  }
  static func fallible(_ run: @escaping Body) -> Kernel {
    Kernel(isInfallible: false, run: run)
  }
}

/// One evaluation of a call.
struct Invocation {
  let selection: Selection
  let context: EvaluationContext
  let snippet: Snippet
  let range: Range<Int>

  /// The failure of the row at a place in the selection.
  func failure(_ kind: EvaluationError.Kind, _ message: String, at place: Int) -> EvaluationError {
    EvaluationError(
      kind: kind, message: message, span: snippet.span(of: range), row: selection.row(place))
  }

  /// How many values the result has: one where all arguments are constant.
  func extent(_ arguments: [Vector]) -> (count: Int, isConstant: Bool) {
    let isConstant = arguments.allSatisfy(\.isConstant)
    return (isConstant ? 1 : selection.count, isConstant)
  }

  /// True where no argument is null; nil where none is anywhere.
  func validity(_ arguments: [Vector], count: Int) -> [Bool]? {
    var result: [Bool]?
    for argument in arguments {
      guard let validity = argument.validity else { continue }
      if argument.isConstant {
        if !validity[0] { return Array(repeating: false, count: count) }
      } else if let earlier = result {
        result = Swift.zip(earlier, validity).map { $0 && $1 }
      } else {
        result = validity
      }
    }
    return result
  }
}

// MARK: Strict kernels over typed values

/// Reports a row as failed; the driver asks whether the row was null after all.
struct Failure {
  var kind: EvaluationError.Kind?
  var message = ""

  @inline(__always) mutating func fail(_ kind: EvaluationError.Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

extension Invocation {
  /// Applies `body` to each value.
  @inline(__always)
  func map<A, R>(
    _ argument: Vector, _ lane: Lane<A>, to type: ColumnType, _ wrap: ([R]) -> ColumnValues,
    _ body: (A) -> R
  ) -> Vector {
    let values = lane.values.withUnsafeBufferPointer { input in
      [R](unsafeUninitializedCapacity: input.count) { output, filled in
        for place in 0..<input.count {
          output.initializeElement(at: place, to: body(input[place]))
        }
        filled = input.count
      }
    }
    return Vector(
      type, wrap(values), validity: argument.validity, isConstant: argument.isConstant)
  }

  /// Applies `body`, which may fail, to each value that is not null.
  @inline(__always)
  func tryMap<A, R>(
    _ argument: Vector, _ lane: Lane<A>, to type: ColumnType, _ wrap: ([R]) -> ColumnValues,
    _ body: (A, inout Failure) -> R
  ) throws(EvaluationError) -> Vector {
    var failed: (place: Int, failure: Failure)?
    let validity = argument.validity
    let values = lane.values.withUnsafeBufferPointer { input in
      [R](unsafeUninitializedCapacity: input.count) { output, filled in
        var failure = Failure()
        for place in 0..<input.count {
          output.initializeElement(at: place, to: body(input[place], &failure))
          if failure.kind != nil {
            if failed == nil, validity.map({ $0[place] }) ?? true { failed = (place, failure) }
            failure.kind = nil
          }
        }
        filled = input.count
      }
    }
    try check(failed)
    return Vector(type, wrap(values), validity: validity, isConstant: argument.isConstant)
  }

  /// Applies `body` to each pair of values.
  @inline(__always)
  func zip<A, B, R>(
    _ arguments: [Vector], _ left: Lane<A>, _ right: Lane<B>, to type: ColumnType,
    _ wrap: ([R]) -> ColumnValues, _ body: (A, B) -> R
  ) -> Vector {
    let (count, isConstant) = extent(arguments)
    let values = left.values.withUnsafeBufferPointer { a in
      right.values.withUnsafeBufferPointer { b in
        [R](unsafeUninitializedCapacity: count) { output, filled in
          for place in 0..<count {
            output.initializeElement(
              at: place, to: body(a[place &* left.stride], b[place &* right.stride]))
          }
          filled = count
        }
      }
    }
    return Vector(
      type, wrap(values), validity: validity(arguments, count: count), isConstant: isConstant)
  }

  /// Applies `body`, which may fail, to each pair of values of which neither is null.
  @inline(__always)
  func tryZip<A, B, R>(
    _ arguments: [Vector], _ left: Lane<A>, _ right: Lane<B>, to type: ColumnType,
    _ wrap: ([R]) -> ColumnValues, _ body: (A, B, inout Failure) -> R
  ) throws(EvaluationError) -> Vector {
    let (count, isConstant) = extent(arguments)
    let validity = validity(arguments, count: count)
    var failed: (place: Int, failure: Failure)?
    let values = left.values.withUnsafeBufferPointer { a in
      right.values.withUnsafeBufferPointer { b in
        [R](unsafeUninitializedCapacity: count) { output, filled in
          var failure = Failure()
          for place in 0..<count {
            output.initializeElement(
              at: place, to: body(a[place &* left.stride], b[place &* right.stride], &failure))
            if failure.kind != nil {
              if failed == nil, validity.map({ $0[place] }) ?? true { failed = (place, failure) }
              failure.kind = nil
            }
          }
          filled = count
        }
      }
    }
    try check(failed)
    return Vector(type, wrap(values), validity: validity, isConstant: isConstant)
  }

  private func check(_ failed: (place: Int, failure: Failure)?) throws(EvaluationError) {
    if let (place, failure) = failed, let kind = failure.kind {
      throw self.failure(kind, failure.message, at: place)
    }
  }
}
