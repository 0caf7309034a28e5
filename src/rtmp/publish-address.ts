/** Where and as what to publish. `app` and `tcUrl` may hold a secret when a person put one there. */
export interface PublishAddress {
  tls: boolean;
  host: string;
  port: number;
  /** Application with its query, without slashes around. */
  app: string;
  tcUrl: string;
  /** The key. Secret: goes to the far end and nowhere else. */
  streamName: string;
}
