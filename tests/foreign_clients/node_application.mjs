// An application that signs people in by openid-client: `node node_application.mjs ISSUER`, which prints its own address.
//
//   /sign-in?login_hint=…   to the provider          /sign-out    from the provider too
//   /                       the claims, as JSON      /refresh     with the refresh token
//   /introspect             what the token is worth  /userinfo    the claims behind it, as they are now
//
// It keeps one sign-in, as if it had one user; what the library refuses is answered by 502 and the error as JSON.

import { createServer } from 'node:http'
import { webcrypto } from 'node:crypto'

// Node 18, which some distributions still have, keeps this name to itself; the library looks for it when it is loaded.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey
const client = await import('openid-client')

const [issuer] = process.argv.slice(2)
const SCOPE = 'openid profile vo dienstencheques offline_access'

const config = await client.discovery(
  new URL(issuer),
  'demo-confidential',
  undefined,
  client.ClientSecretBasic('demo-secret'),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
)

const asked = new Map()
let tokens

const pages = {
  '/sign-in': async (url) => {
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    const nonce = client.randomNonce()
    asked.set(state, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier })
    return client.buildAuthorizationUrl(config, {
      redirect_uri: new URL('/callback', url).href,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    })
  },
  '/callback': async (url) => {
    tokens = await client.authorizationCodeGrant(config, url, asked.get(url.searchParams.get('state')))
    return new URL('/', url)
  },
  '/': async () => ({ header: header(tokens.id_token), claims: tokens.claims() }),
  '/refresh': async (url) => {
    const refreshed = await client.refreshTokenGrant(config, url.searchParams.get('token') ?? tokens.refresh_token)
    const used = tokens.refresh_token
    tokens = refreshed
    return { header: header(tokens.id_token), claims: tokens.claims(), used }
  },
  '/introspect': async () => client.tokenIntrospection(config, tokens.access_token),
  '/userinfo': async () => client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub),
  '/sign-out': async (url) => client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: new URL('/signed-out', url).href,
    state: 'bye',
  }),
  '/signed-out': async (url) => Object.fromEntries(url.searchParams),
}

function header(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))
}

async function answer(request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const found = await pages[url.pathname](url)
  if (found instanceof URL) {
    response.writeHead(302, { location: found.href }).end()
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found))
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((fault) => {
    const told = { code: fault.code, error: fault.error, status: fault.status, message: String(fault) }
    response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
