// Makes the fetch of Node before 24 read https_proxy, as NODE_USE_ENV_PROXY=1 does from 24 on: node --require env-proxy.cjs
const { EnvHttpProxyAgent, setGlobalDispatcher } = require("undici");

setGlobalDispatcher(new EnvHttpProxyAgent());
