const https = require('http')

const execTask = (task_id, task_secret_key) => {
  return new Promise((resolve, reject) => {
    const body = {
      customer: process.env.THEEYE_ORGANIZATION_NAME,
      task: task_id
    }

    const options = {
      host: '127.0.0.1',
      port: 8080,
      path: `/job/secret/${task_secret_key}`,
      method: 'POST',
        headers: {
          'Accept': 'application/json',
          'Content-Type': 'application/json'
        }
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

    req.write(JSON.stringify(body))
    req.end()
  })
}

execTask(process.argv[2], process.argv[3])
