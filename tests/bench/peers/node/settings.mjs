// The office's settings, looked at again when a minute old, and clients that are built once a process.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

export const dynamo = new DynamoDBClient({});
export const TableName = process.env.TABLE;
const ssm = new SSMClient({});
let held = { until: 0 };

export async function settings() {
  if (Date.now() > held.until) {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: process.env.SETTINGS_PARAMETER }));
    held = { until: Date.now() + 60_000, value: JSON.parse(Parameter.Value) };
  }
  return held.value;
}
