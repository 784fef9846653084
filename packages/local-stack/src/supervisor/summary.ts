/** What stands at the end of a start: the address, the first key's file, and three commands to try. */

export interface SummaryOptions {
  gatewayUrl: string;
  adminKeyFile: string;
  /** Python with an MLflow client; absent where MLflow runs elsewhere and none was installed. */
  mlflowPython: string | undefined;
  home: string;
}

export function summary({ gatewayUrl, adminKeyFile, mlflowPython, home }: SummaryOptions): string {
  const key = `$(cat ${quote(adminKeyFile)})`;
  const hokusai = `HOKUSAI_API_URL=${gatewayUrl} HOKUSAI_API_KEY="${key}" npx --no-install hokusai`;
  return `
Hokusai Gateway is ready at ${gatewayUrl}
MLflow behind it:   ${gatewayUrl}/mlflow
The admin's key:    ${adminKeyFile}
URLs and secrets:   ${home}/env
Logs:               ${home}/log

Who am I? (in the folder of this checkout)
  ${hokusai} auth whoami

A key for a data scientist, who gets to read and write in MLflow with it for 90 days:
  ${hokusai} auth create-key --name "my first key" --expires 90d

${mlflowPython === undefined ? searchExperiments(key, gatewayUrl) : logRun(key, gatewayUrl, mlflowPython)}
`;
}

function logRun(key: string, gatewayUrl: string, python: string): string {
  const script = [
    'import mlflow',
    'mlflow.set_experiment("first steps")',
    'run = mlflow.start_run()',
    'mlflow.log_metric("loss", 0.1)',
    'mlflow.end_run()',
    'print("logged run", run.info.run_id)',
  ];
  const settings = `MLFLOW_TRACKING_URI=${gatewayUrl}/mlflow MLFLOW_TRACKING_TOKEN="${key}"`;
  return `A run logged by MLflow's own client:\n  ${settings} ${quote(python)} -c '${script.join('; ')}'`;
}

function searchExperiments(key: string, gatewayUrl: string): string {
  const bearer = `-H "Authorization: Bearer ${key}"`;
  const path = '/mlflow/api/2.0/mlflow/experiments/search?max_results=5';
  return `The first experiments in MLflow:\n  curl -sS ${bearer} '${gatewayUrl}${path}'`;
}

/** For a shell, where it is needed. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
