const https = require('http')

// The task that is asked for.
const task_id = "61098ee1a3013300120c687b"


const options = {
  host: '127.0.0.1',
  port: 8080,
  path: `/${process.env.THEEYE_ORGANIZATION_NAME}/task/${task_id}?access_token=${process.env.THEEYE_TOKEN}`,
  method: 'GET'
}

const req = https.request(options, res => {
  let data = ''

  res.on('data', d => {
    data = data + d
  })

  res.on('end', () => {
    console.log(JSON.parse(data))
  })
})

req.on('error', error => {
  console.error(error)
})

req.end()
