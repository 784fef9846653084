/** The variables that the command reads, beside those of the SDK (which `doctor` and `models` share). */

/** What each is for: a sentence, or part of one, for whoever sets it. */
export const VARIABLES = {
  HOKUSAI_API_URL: "The gateway's address, without the path of MLflow. Goes before the profile.",
  HOKUSAI_API_KEY: 'The API key. Goes before the profile.',
  HOKUSAI_DIRECT_MLFLOW_URL:
    'For `doctor`: address of the MLflow server itself, which must not be reachable from here.',
  HOKUSAI_NODE: 'Set by the command for itself, where it goes on with a newer Node.',
  XDG_CONFIG_HOME: 'Folder that profiles are kept below; `~/.config` if absent.',
  NO_COLOR: 'If it is set, nothing is coloured.',
} as const;

export type VariableName = keyof typeof VARIABLES;
