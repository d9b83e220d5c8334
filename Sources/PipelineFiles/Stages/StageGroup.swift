/// What kinds of stages are for, roughly: kinds of a group look alike in pictures.
public enum StageGroup: Sendable {
  /// Reads rows from databases.
  case sources
  /// Makes rows of rows, or looks at them.
  case rows
  /// Finds out who is who.
  case people
  /// Works out what is known of each entity.
  case features
  /// Learns, and scores by what was learnt.
  case models
  /// Decides what is done with whom.
  case decisions
  /// Writes what others read.
  case publication

  /// What a box of such a stage is filled with.
  var colour: String {
    switch self {
    case .sources: "#dcebfa"
    case .rows: "#e3f4e1"
    case .people: "#d9f2f0"
    case .features: "#fdf3d7"
    case .models: "#f8e0e6"
    case .decisions: "#ece4f7"
    case .publication: "#e4e7ec"
    }
  }
}
